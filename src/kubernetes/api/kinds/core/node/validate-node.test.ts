// What is wrong with nodes, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors("validateNode", "Node", (part: object) => ({ metadata: { name: "n" }, ...part }), [
  [
    "taints have keys, known effects, no equals",
    {
      spec: {
        taints: [
          { key: "a b", effect: "Never" },
          { key: "a", value: "b c", effect: "NoSchedule" },
          { key: "a", effect: "NoSchedule" },
        ],
      },
    },
    [
      "metadata.taints[0].key: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
      'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      "metadata.taints[1].value: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
      'metadata.taints[2]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  ],
  [
    "ranges of pods are one of each family",
    { spec: { podCIDRs: ["10.0.0.0/24", "10.0.1.0/24"] } },
    [
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
  [
    "ranges are ranges",
    { spec: { podCIDRs: ["x"] } },
    ['spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (…)'],
  ],
  [
    "pods to keep away are listed in JSON",
    { metadata: { name: "n", annotations: { "scheduler.alpha.kubernetes.io/preferAvoidPods": "{" } } },
    [
      'metadata.annotations.AvoidPods: Invalid value: "scheduler.alpha.kubernetes.io/preferAvoidPods": unexpected end of JSON input',
    ],
  ],
  [
    "with their controllers",
    {
      metadata: {
        name: "n",
        annotations: { "scheduler.alpha.kubernetes.io/preferAvoidPods": '{"preferAvoidPods":[{"podSignature":{}}]}' },
      },
    },
    ["metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[0].PodSignature: Required value"],
  ],
  [
    "features have names, in order",
    { status: { declaredFeatures: ["b", "a", "A"] } },
    [
      'status.declaredFeatures[0]: Invalid value: "b": invalid feature name "b": must start with an UpperCamelCase segment, with subsequent segments separated by \'/\' (…)',
      'status.declaredFeatures[1]: Invalid value: "a": list must be sorted alphabetically',
      'status.declaredFeatures[1]: Invalid value: "a": invalid feature name "a": must start with an UpperCamelCase segment, with subsequent segments separated by \'/\' (…)',
      'status.declaredFeatures[2]: Invalid value: "A": list must be sorted alphabetically',
    ],
  ],
]);
