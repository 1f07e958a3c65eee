// What stays as it is in other core kinds, in a real server's words.

import { testUpdateErrors } from "../testing/kind-rows.ts";

const fixed = { metadata: { name: "x" }, immutable: true, data: { a: "YQ==" } };

testUpdateErrors("configMap", "ConfigMap", [
  [
    "nothing changes once it is immutable",
    fixed,
    { immutable: false, data: { b: "YQ==" }, binaryData: { c: "YQ==" } },
    [
      "immutable: Forbidden: field is immutable when `immutable` is set",
      "data: Forbidden: field is immutable when `immutable` is set",
      "binaryData: Forbidden: field is immutable when `immutable` is set",
    ],
  ],
  ["fine: its labels do", fixed, { metadata: { labels: { a: "b" } } }, []],
]);

testUpdateErrors("secret", "Secret", [
  [
    "nothing changes once it is immutable",
    fixed,
    { immutable: null, data: { a: "Yg==" } },
    [
      "immutable: Forbidden: field is immutable when `immutable` is set",
      "data: Forbidden: field is immutable when `immutable` is set",
    ],
  ],
  [
    "its type stays",
    { metadata: { name: "x" } },
    { type: "other" },
    ['type: Invalid value: "other": field is immutable'],
  ],
]);

testUpdateErrors("node", "Node", [
  [
    "ranges and provider stay once given",
    { metadata: { name: "x" }, spec: { podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24"], providerID: "a" } },
    { spec: { podCIDR: "10.2.0.0/24", podCIDRs: ["10.2.0.0/24"], providerID: "b" } },
    [
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
  ],
]);

testUpdateErrors(
  "replicationController",
  "ReplicationController",
  [
    [
      "numbers fit together",
      {
        metadata: { name: "x" },
        spec: {
          selector: { a: "b" },
          template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
        },
      },
      {
        status: {
          replicas: 1,
          readyReplicas: 2,
          availableReplicas: 3,
          fullyLabeledReplicas: -1,
          observedGeneration: -1,
        },
      },
      [
        "status.fullyLabeledReplicas: Invalid value: -1: must be greater than or equal to 0",
        "status.observedGeneration: Invalid value: -1: must be greater than or equal to 0",
        "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than status.replicas",
        "status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas",
      ],
    ],
  ],
  "status",
);

testUpdateErrors("resourceQuota", "ResourceQuota", [
  [
    "scopes stay",
    { metadata: { name: "x" }, spec: { hard: { pods: "1" }, scopes: ["BestEffort"] } },
    { spec: { scopes: ["NotBestEffort"] } },
    ['spec.scopes: Invalid value: ["NotBestEffort"]: field is immutable'],
  ],
]);

testUpdateErrors(
  "namespace",
  "Namespace",
  [
    [
      "a phase follows the deletion",
      { metadata: { name: "x" } },
      { status: { phase: "Terminating" } },
      ["status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"],
    ],
  ],
  "status",
);
