import assert from "node:assert/strict";
import test from "node:test";
import { schemaOfKind } from "../../types-table.ts";
import { makeField, makeObject } from "../testing/random-objects.ts";
import { validateApplied } from "./validate-applied.ts";

const pod = schemaOfKind("", "v1", "Pod")!;

test("validateApplied: says nothing of what fits, of nulls, and of quantities and times in any scalar form", () => {
  const fitting = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { creationTimestamp: null, labels: { a: "b" } },
    spec: {
      containers: [{ name: "c", resources: { limits: { cpu: 1, memory: "1Gi" } }, ports: [{ containerPort: 80 }] }],
    },
  };
  assert.equal(validateApplied(fitting, pod), undefined);
});

test("validateApplied: says what does not fit in structured-merge-diff's words", () => {
  const problems: [applied: unknown, message: string][] = [
    [{ spec: { bogus: 1 } }, ".spec.bogus: field not declared in schema"],
    [{ spec: { nodeName: 1 } }, ".spec.nodeName: expected string, got &value.valueUnstructured{Value:1}"],
    [
      { spec: { nodeName: { a: "b" } } },
      '.spec.nodeName: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":"b"}}',
    ],
    [{ spec: { hostNetwork: "yes" } }, ".spec.hostNetwork: expected boolean, got &{yes}"],
    [{ spec: { priority: "high" } }, ".spec.priority: expected numeric (int or float), got string"],
    [{ spec: { containers: { name: "c" } } }, ".spec.containers: expected list, got &{map[name:c]}"],
    [{ spec: ["x"] }, ".spec: expected map, got &{[x]}"],
    [
      { spec: { containers: [{ name: "c", args: ["a", 1] }] } },
      '.spec.containers[name="c"].args[1]: expected string, got &value.valueUnstructured{Value:1}',
    ],
    [
      { spec: { containers: [{ name: "c" }, { name: "c" }] } },
      '.spec.containers: duplicate entries for key [name="c"]',
    ],
    [{ metadata: { finalizers: ["a", "a"] } }, '.metadata.finalizers: duplicate entries for key [="a"]'],
    [
      { spec: { containers: [{ name: "c", ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }] }] } },
      '.spec.containers[name="c"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]',
    ],
    [
      { spec: { containers: [null] } },
      ".spec.containers: element 0: associative list with keys may not have a null element",
    ],
    [
      { metadata: { finalizers: [{}] } },
      ".metadata.finalizers: element 0: associative list without keys has an element that's a map type",
    ],
  ];
  for (const [applied, message] of problems) assert.equal(validateApplied(applied, pod), message);
});

test("validateApplied: lists several problems one by one", () => {
  assert.equal(
    validateApplied({ spec: { priority: "x", hostNetwork: 1 } }, pod),
    "errors:\n  .spec.priority: expected numeric (int or float), got string\n  .spec.hostNetwork: expected boolean, got &{1}",
  );
});

test("validateApplied: unknown fields pass where they are kept, and everywhere below", () => {
  const inner = makeObject(new Map([["known", makeField("known", { kind: "scalar", type: "string" })]]));
  const keeping = { ...makeObject(new Map([["inner", makeField("inner", inner)]])), preserveUnknown: true };
  assert.equal(validateApplied({ other: 1, inner: { other: 1 } }, keeping), undefined);
  assert.equal(validateApplied({ other: 1 }, inner), ".other: field not declared in schema");
  assert.equal(validateApplied({ other: 1 }, makeObject(new Map())), undefined);
});
