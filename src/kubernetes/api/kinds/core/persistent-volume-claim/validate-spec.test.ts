// What is wrong with claims, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validateClaimSpec",
  "PersistentVolumeClaim",
  (spec: object) => ({
    metadata: { name: "p" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
  }),
  [
    ["access is needed", { accessModes: [] }, ["spec.accessModes: Required value: at least 1 access mode is required"]],
    [
      "access modes are known",
      { accessModes: ["Any", "ReadWriteOncePod", "ReadOnlyMany"] },
      [
        'spec.accessModes: Unsupported value: "Any": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
      ],
    ],
    ["a size is needed", { resources: {} }, ["spec.resources[storage]: Required value"]],
    [
      "a size is positive",
      { resources: { requests: { storage: "0" } } },
      ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      "selectors select",
      { selector: { matchLabels: { "a b": "c d" }, matchExpressions: [{ key: "a", operator: "Is" }] } },
      [
        "spec.selector.matchLabels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        "spec.selector.matchLabels: Invalid value: \"c d\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        'spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
      ],
    ],
    [
      "names and modes",
      { storageClassName: "A B", volumeMode: "Tape", volumeAttributesClassName: "C D" },
      [
        "spec.storageClassName: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
        "spec.volumeAttributesClassName: Invalid value: \"C D\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "sources are claims, snapshots or others with a group",
      { dataSourceRef: { kind: "Pod", name: "" } },
      [
        "spec.dataSource.name: Required value",
        "spec.dataSource: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup",
        "spec.dataSourceRef.name: Required value",
        "spec.dataSourceRef: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup",
      ],
    ],
    [
      "groups are names",
      { dataSourceRef: { apiGroup: "A B", kind: "X", name: "x" } },
      [
        "spec.dataSource.apiGroup: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.dataSourceRef.apiGroup: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "both sources are the same",
      {
        dataSource: { kind: "PersistentVolumeClaim", name: "a" },
        dataSourceRef: { kind: "PersistentVolumeClaim", name: "b" },
      },
      ["spec: Invalid value: {}: must match dataSourceRef"],
    ],
    ["fine: what once was dropped still is", { dataSource: { apiGroup: "x.y", kind: "Z", name: "z" } }, []],
    ["fine: an empty class is no class", { storageClassName: "" }, []],
  ],
);
