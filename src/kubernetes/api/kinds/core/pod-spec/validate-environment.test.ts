// What is wrong with containers' environment variables, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validateEnvironment",
  "Pod",
  (variable: object) => ({
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", image: "i", env: [variable] }] },
  }),
  [
    ["a name is needed", { name: "" }, ["spec.containers[0].env[0].name: Required value"]],
    [
      "a name has no =",
      { name: "a=b" },
      [
        "spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '='",
      ],
    ],
    ["fine: a name with odd characters", { name: "1 a.b" }, []],
    [
      "a value comes from one place",
      { name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ],
    [
      "a source is named",
      { name: "A", valueFrom: {} },
      [
        'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ],
    ],
    [
      "one source is enough",
      { name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" }, configMapKeyRef: { name: "s", key: "k" } } },
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
    ],
    [
      "fields are those of pods",
      { name: "A", valueFrom: { fieldRef: { fieldPath: "spec.containers" } } },
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.containers": error converting fieldPath: field label not supported: spec.containers',
      ],
    ],
    [
      "whole maps are for files",
      { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } },
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
      ],
    ],
    ["fine: one label", { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels['a/b']" } } }, []],
    [
      "a label's key is one",
      { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } },
      [
        "spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "subscripts are for maps",
      { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name['a']" } } },
      [
        "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.name['a']\": error converting fieldPath: field label does not support subscript: metadata.name['a']",
      ],
    ],
    [
      "fields are of v1",
      { name: "A", valueFrom: { fieldRef: { apiVersion: "v2", fieldPath: "metadata.name" } } },
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
      ],
    ],
    [
      "resources are known, divisors sensible",
      { name: "A", valueFrom: { resourceFieldRef: { resource: "limits.gpu", divisor: "1" } } },
      [
        'spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
      ],
    ],
    [
      "CPU is divided by a thousandth or one",
      { name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "2" } } },
      [
        'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
      ],
    ],
    [
      "memory is divided by powers",
      { name: "A", valueFrom: { resourceFieldRef: { resource: "requests.memory", divisor: "3" } } },
      [
        'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "requests.memory": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource',
      ],
    ],
    [
      "references have names and keys",
      { name: "A", valueFrom: { secretKeyRef: { name: "", key: "" } } },
      [
        "spec.containers[0].env[0].valueFrom.secretKeyRef.name: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value",
      ],
    ],
    [
      "keys can be names of files",
      { name: "A", valueFrom: { configMapKeyRef: { name: "c", key: "a/b" } } },
      [
        "spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (…)",
      ],
    ],
  ],
);

testCreateErrors(
  "validateEnvironmentFrom",
  "Pod",
  (container: object) => ({
    metadata: { name: "p" },
    spec: {
      volumes: [
        { name: "v", emptyDir: {} },
        { name: "disk", persistentVolumeClaim: { claimName: "x" } },
      ],
      containers: [{ name: "c", image: "i", ...container }],
    },
  }),
  [
    [
      "exactly one source each",
      { envFrom: [{}, { configMapRef: { name: "a" }, secretRef: { name: "b" } }] },
      [
        'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
        'spec.containers[0].envFrom: Invalid value: "": may not have more than one field specified at a time',
      ],
    ],
    [
      "names and prefixes are sound",
      { envFrom: [{ configMapRef: { name: "" } }, { prefix: "=", secretRef: { name: "A" } }] },
      [
        "spec.containers[0].envFrom[0].configMapRef.name: Required value",
        "spec.containers[0].envFrom[1].prefix: Invalid value: \"=\": a valid environment variable name must consist only of printable ASCII characters other than '='",
        "spec.containers[0].envFrom[1].secretRef.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
  ],
);
