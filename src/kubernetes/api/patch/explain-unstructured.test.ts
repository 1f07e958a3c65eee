import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaOfKind } from "../types-table.ts";
import { explainUnstructured } from "./explain-unstructured.ts";

const deployment = schemaOfKind("apps", "v1", "Deployment")!;
const configMap = schemaOfKind("", "v1", "ConfigMap")!;

test("explainUnstructured: says what upstream's converter says of values of another type", () => {
  const container = (container: object) => ({ spec: { template: { spec: { containers: [container] } } } });
  const cases: readonly (readonly [schema: typeof deployment, value: object, problem: string | undefined])[] = [
    [configMap, { data: { b: 1 } }, "cannot convert int64 to string"],
    [configMap, { data: { b: true } }, "unrecognized type: string"],
    [configMap, { data: [] }, "cannot restore map from slice"],
    [configMap, { data: "x" }, "cannot restore map from string"],
    [configMap, { metadata: { resourceVersion: 1 } }, "cannot convert int64 to string"],
    [configMap, { metadata: "x" }, "cannot restore struct from: string"],
    [deployment, { spec: { replicas: "x" } }, "unrecognized type: int32"],
    [deployment, { spec: { replicas: 1.5 } }, "cannot convert float64 to int32"],
    [deployment, { spec: { replicas: 2, paused: "x" } }, "unrecognized type: bool"],
    [deployment, { spec: { template: { spec: { containers: { name: "c" } } } } }, "cannot restore slice from map"],
    [deployment, container({ imagePullPolicy: 1 }), "cannot convert int64 to v1.PullPolicy"],
    [deployment, container({ name: "c", image: "i" }), undefined],
  ];
  for (const [schema, value, problem] of cases) {
    assert.equal(explainUnstructured(schema, value), problem, JSON.stringify(value));
  }
});
