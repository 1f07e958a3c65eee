import { type ErrorRow, type Input, testCreateErrors } from "../testing/kind-rows.ts";
import { mandatoryFlowSchema, mandatoryPriorityLevel } from "./mandatory.ts";

const schemaKind = "FlowSchema.v1.flowcontrol.apiserver.k8s.io";
const levelKind = "PriorityLevelConfiguration.v1.flowcontrol.apiserver.k8s.io";

const subject = { kind: "User", user: { name: "u" } };
const resourceRule = { verbs: ["get"], apiGroups: [""], resources: ["pods"], namespaces: ["*"] };
const flowRule = { subjects: [subject], resourceRules: [resourceRule] };

const schemas: readonly ErrorRow<Input>[] = [
  ["a sound one", {}, []],
  [
    "first of all",
    { matchingPrecedence: 1 },
    ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
  ],
  [
    "no level",
    { priorityLevelConfiguration: {} },
    ["spec.priorityLevelConfiguration.name: Required value: must reference a priority level"],
  ],
  [
    "another kind's subject",
    { rules: [{ ...flowRule, subjects: [{ kind: "Group", user: { name: "u" } }] }] },
    [
      "spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'",
      "spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'",
    ],
  ],
  [
    "unknown verbs, a bad path",
    { rules: [{ subjects: [subject], nonResourceRules: [{ verbs: ["see"], nonResourceURLs: ["a", "/*/b"] }] }] },
    [
      'spec.rules[0].nonResourceRules[0].verbs: Unsupported value: ["see"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/*/b": wildcard can only do suffix matching',
    ],
  ],
];
const schemaSpec = { priorityLevelConfiguration: { name: "l" }, rules: [flowRule] };
const named = (name: string, spec: object): Input => ({ metadata: { name }, spec });
testCreateErrors("FlowSchema", schemaKind, (part) => named("s", { ...schemaSpec, ...part }), schemas);
testCreateErrors("FlowSchema catch-all", schemaKind, (spec: Input) => named("catch-all", spec), [
  ["as it must be", mandatoryFlowSchema("catch-all") as unknown as Input, []],
]);

const limited = { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: {} } } };
const levels: readonly ErrorRow<Input>[] = [
  ["a sound one", limited, []],
  ["limited by nothing", { type: "Limited" }, ["spec.limited: Required value: must not be empty when type is Limited"]],
  [
    "exempt under another name",
    { type: "Exempt" },
    ["spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"],
  ],
  [
    "a hand larger than the deck",
    { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: 4 } } } },
    ["spec.limited.limitResponse.queuing.handSize: Invalid value: 8: should not be greater than queues (4)"],
  ],
];
testCreateErrors("PriorityLevelConfiguration", levelKind, (spec) => named("l", spec), levels);
testCreateErrors("PriorityLevelConfiguration catch-all", levelKind, (spec: Input) => named("catch-all", spec), [
  ["as it must be", mandatoryPriorityLevel("catch-all") as unknown as Input, []],
  [
    "another type of answer",
    { type: "Limited", limited: { nominalConcurrencyShares: 6, limitResponse: { type: "Reject" } } },
    [
      'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":6,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'catch-all\' must equal the fixed value',
    ],
  ],
]);
