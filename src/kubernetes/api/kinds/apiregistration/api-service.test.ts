import { type ErrorRow, type Input, testCreateErrors } from "../testing/kind-rows.ts";

const kind = "APIService.v1.apiregistration.k8s.io";
const spec = { group: "g.io", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };

const rows: readonly ErrorRow<Input>[] = [
  ["a local one", {}, []],
  [
    "a name of another",
    { version: "v2" },
    ['metadata.name: Invalid value: "v1.g.io": must be `spec.version+"."+spec.group`: "v2.g.io"'],
  ],
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
