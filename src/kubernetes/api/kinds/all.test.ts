import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInResources, tableColumnsOf } from "../resources.ts";
import { kindDefinitionOf } from "./all.ts";

test("kindDefinitionOf: knows every kind of the core group", () => {
  const kinds = builtInResources.filter(({ group }) => group === "").map(({ kind }) => kind);
  assert.deepEqual(
    kinds.filter((kind) => kindDefinitionOf("", "v1", kind) === undefined),
    [],
  );
});

test("kindDefinitionOf: knows nothing of kinds that are not there", () => {
  assert.equal(kindDefinitionOf("", "v2", "Pod"), undefined);
  assert.equal(kindDefinitionOf("example.com", "v1", "Pod"), undefined);
});

test("tableCells: a row of the core group has as many cells as there are columns", () => {
  for (const { group, version, kind, resource } of builtInResources.filter((info) => info.group === "")) {
    const definition = kindDefinitionOf(group, version, kind);
    const columns = tableColumnsOf(group, version, resource);
    if (!definition?.tableCells || !columns) continue;
    const parts = { spec: {}, status: {}, template: {}, involvedObject: {}, source: {} };
    const { cells } = definition.tableCells({ apiVersion: version, kind, metadata: { name: "a" }, ...parts }, 0);
    assert.equal(cells.length, columns.length, kind);
  }
});
