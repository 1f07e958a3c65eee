import assert from "node:assert/strict";
import test from "node:test";
import { schemaOf, schemaOfKind, typeNames } from "../../types-table.ts";
import { makeObject } from "../testing/random-objects.ts";
import table from "./generated/zero-fields.json" with { type: "json" };
import { zeroObjectOf } from "./zero-object.ts";

test("zeroObjectOf: gives what Go encodes of an empty object", () => {
  assert.deepEqual(zeroObjectOf(schemaOfKind("apps", "v1", "Deployment")!), {
    metadata: {},
    spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} },
    status: {},
  });
  assert.deepEqual(zeroObjectOf(schemaOfKind("", "v1", "ConfigMap")!), { metadata: {} });
  assert.deepEqual(zeroObjectOf(makeObject(new Map())), {});
});

test("zero-fields: names types and fields the types table has", () => {
  const names = new Set(typeNames());
  for (const [name, fields] of Object.entries(table)) {
    assert.ok(names.has(name), name);
    const schema = schemaOf(name);
    for (const field of Object.keys(fields))
      assert.ok(schema.kind === "object" && schema.fields.has(field), `${name} ${field}`);
  }
});
