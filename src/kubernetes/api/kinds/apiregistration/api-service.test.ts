import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorRow, type Input, metadataErrors, testCreateErrors } from "../testing/kind-rows.ts";

const kind = "APIService.v1.apiregistration.k8s.io";
const spec = { group: "g.io", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };

const rows: readonly ErrorRow<Input>[] = [
  ["a local one", {}, []],
  [
    "no priorities",
    { groupPriorityMinimum: 0, versionPriority: 1001 },
    [
      "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000",
      "spec.versionPriority: Invalid value: 1001: must be positive and less than 1000",
    ],
  ],
  [
    "a local one, looked at closely",
    { insecureSkipTLSVerify: true },
    ["spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify"],
  ],
  ["a service in no namespace", { service: { name: "s" } }, ["spec.service.namespace: Required value"]],
];
testCreateErrors("APIService", kind, (part) => ({ metadata: { name: "v1.g.io" }, spec: { ...spec, ...part } }), rows);

test("APIService: is named after its version and group, and so cannot have its name generated", () => {
  const errors = (metadata: Input) => metadataErrors(kind, metadata, false, { spec });
  assert.deepEqual(errors({ name: "v1.g.io" }), []);
  const why = 'must be `spec.version+"."+spec.group`: "v1.g.io"';
  assert.deepEqual(errors({ name: "v2.g.io" }), [`metadata.name: Invalid value: "v2.g.io": ${why}`]);
  assert.deepEqual(errors({ name: "v1.g.io", generateName: "v" }), [
    `metadata.generateName: Invalid value: "v": ${why}`,
  ]);
  assert.deepEqual(errors({}), ["metadata.name: Required value: name or generateName is required"]);
});
