// What is wrong with LimitRanges, ResourceQuotas and Namespaces, in a real server's words.

import { testCreateErrors } from "../testing/kind-rows.ts";

testCreateErrors(
  "limitRange",
  "LimitRange",
  (limit: object) => ({ metadata: { name: "x" }, spec: { limits: [limit] } }),
  [
    [
      "types are known",
      { type: "Thing" },
      ['spec.limits[0].type: Invalid value: "Thing": must be a standard limit type or fully qualified'],
    ],
    [
      "pods have no defaults",
      { type: "Pod", default: { cpu: "1" }, defaultRequest: { cpu: "1" } },
      [
        "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
        "spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'",
      ],
    ],
    [
      "least, default and most are in order",
      { type: "Container", min: { cpu: "2" }, max: { cpu: "1" }, default: { cpu: "3" }, defaultRequest: { cpu: "4" } },
      [
        'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than max value 1',
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "4": default request value 4 is greater than default limit value 3',
        'spec.limits[0].default[cpu]: Invalid value: "1": default value 3 is greater than max value 1',
      ],
    ],
    [
      "ratios are at least one, and possible",
      { type: "Container", max: { cpu: "2" }, min: { cpu: "1" }, maxLimitRequestRatio: { cpu: "3" } },
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000'],
    ],
    [
      "a ratio below one",
      { type: "Container", maxLimitRequestRatio: { cpu: "100m" } },
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "100m": ratio 100m is less than 1'],
    ],
    [
      "what cannot be overcommitted has one amount",
      { type: "Container", default: { "example.com/gpu": "2" }, defaultRequest: { "example.com/gpu": "1" } },
      [
        'spec.limits[0].defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu',
      ],
    ],
    [
      "claims have a size",
      { type: "PersistentVolumeClaim" },
      [
        "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided",
      ],
    ],
    [
      "resources are known",
      { type: "Container", max: { gpu: "1" } },
      [
        'spec.limits[0].max[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.limits[0].max[gpu]: Invalid value: "gpu": must be a standard resource for containers',
        'spec.limits[0].default[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.limits[0].default[gpu]: Invalid value: "gpu": must be a standard resource for containers',
        'spec.limits[0].defaultRequest[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.limits[0].defaultRequest[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
  ],
);

testCreateErrors("resourceQuota", "ResourceQuota", (spec: object) => ({ metadata: { name: "x" }, spec }), [
  [
    "resources are known",
    { hard: { gpu: "1" } },
    [
      'spec.hard[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'spec.hard[gpu]: Invalid value: "gpu": must be a standard resource for quota',
    ],
  ],
  [
    "amounts are not negative, pods come whole",
    { hard: { cpu: "-1" } },
    ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  ["counts come whole", { hard: { pods: "1500m" } }, ['spec.hard[pods]: Invalid value: "1500m": must be an integer']],
  [
    "scopes are known, once, and fit",
    { hard: { pods: "1" }, scopes: ["Terminating", "NotTerminating", "Terminating", "Some"] },
    [
      'spec.scopes: Invalid value: ["Terminating","NotTerminating","Terminating","Some"]: unsupported scope',
      'spec.scopes: Invalid value: ["Terminating","NotTerminating","Terminating","Some"]: conflicting scopes',
    ],
  ],
  [
    "scopes are for what pods use",
    { hard: { services: "1" }, scopes: ["BestEffort"] },
    ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
  ],
  [
    "requirements are complete",
    {
      hard: { pods: "1" },
      scopeSelector: {
        matchExpressions: [
          { scopeName: "PriorityClass", operator: "In" },
          { scopeName: "Terminating", operator: "In", values: ["a"] },
          { scopeName: "PriorityClass", operator: "Is" },
        ],
      },
    },
    [
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      "spec.scopeSelector.matchExpressions.operator: Invalid value: \"In\": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "Is": not a valid selector operator',
    ],
  ],
]);

testCreateErrors("namespace", "Namespace", (spec: object) => ({ metadata: { name: "x" }, spec }), [
  [
    "finalizers have names",
    { finalizers: ["a b", "custom"] },
    [
      "spec.finalizers: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
      'spec.finalizers: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified',
      'spec.finalizers: Invalid value: "custom": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ],
  ["fine: with a domain", { finalizers: ["a.b/c"] }, []],
]);

testCreateErrors(
  "replicationController",
  "ReplicationController",
  (spec: object) => ({
    metadata: { name: "x" },
    spec: {
      selector: { a: "b" },
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      ...spec,
    },
  }),
  [
    [
      "numbers are not negative",
      { replicas: -1, minReadySeconds: -1 },
      [
        "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
      ],
    ],
    [
      "a selector selects the template",
      { selector: { c: "d" } },
      ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
    ],
    [
      "a selector and a template are needed",
      { selector: {}, template: null },
      ["spec.selector: Required value", "spec.template: Required value"],
    ],
    [
      "pods run on and on",
      {
        template: {
          metadata: { labels: { a: "b" } },
          spec: {
            restartPolicy: "Never",
            activeDeadlineSeconds: 5,
            containers: [{ name: "c", image: "i" }],
            ephemeralContainers: [{ name: "e", image: "i" }],
          },
        },
      },
      [
        "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template",
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported",
      ],
    ],
  ],
);
