// What is wrong with ConfigMaps, Secrets, Endpoints and Events, in a real server's words.

import { testCreateErrors } from "../testing/kind-rows.ts";

testCreateErrors("configMap", "ConfigMap", (part: object) => ({ metadata: { name: "x" }, ...part }), [
  [
    "keys are names of files",
    { data: { "a b": "", "..": "", a: "" }, binaryData: { "c/d": "", a: "" } },
    [
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (…)",
      "data[..]: Invalid value: \"..\": must not be '..'",
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
      "binaryData[c/d]: Invalid value: \"c/d\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (…)",
    ],
  ],
  ["fine: either kind of data", { data: { a: "b" }, binaryData: { c: "YQ==" } }, []],
]);

testCreateErrors("secret", "Secret", (part: object) => ({ metadata: { name: "x" }, ...part }), [
  [
    "keys are names of files",
    { data: { "a b": "" } },
    [
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (…)",
    ],
  ],
  [
    "pull secrets are JSON",
    { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "YQ==" } },
    [
      "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'a' looking for beginning of value",
    ],
  ],
  ["and there", { type: "kubernetes.io/dockercfg" }, ["data[.dockercfg]: Required value"]],
  [
    "an account's token says whose",
    { type: "kubernetes.io/service-account-token" },
    ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
  ],
  [
    "passwords have a user or a password",
    { type: "kubernetes.io/basic-auth" },
    ["data[username]: Required value", "data[password]: Required value"],
  ],
  ["SSH has a key", { type: "kubernetes.io/ssh-auth" }, ["data[ssh-privatekey]: Required value"]],
  [
    "TLS has a certificate and a key",
    { type: "kubernetes.io/tls", data: { "tls.crt": "" } },
    ["data[tls.key]: Required value"],
  ],
  ["fine: any other type", { type: "x", stringData: { a: "b" } }, []],
]);

testCreateErrors("endpoints", "Endpoints", (subset: object) => ({ metadata: { name: "x" }, subsets: [subset] }), [
  [
    "addresses are needed",
    { ports: [{ port: 80 }] },
    ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
  ],
  [
    "several ports have names",
    {
      addresses: [{ ip: "1.2.3.4" }],
      ports: [{ port: 0 }, { name: "A", port: 80, protocol: "tcp", appProtocol: "a b" }],
    },
    [
      "subsets[0].ports[0].name: Required value",
      "subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
      "subsets[0].ports[1].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
      'subsets[0].ports[1].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
      "subsets[0].ports[1].appProtocol: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
    ],
  ],
  [
    "addresses can be reached",
    {
      addresses: [{ ip: "127.0.0.1" }, { ip: "" }, { ip: "::" }, { ip: "fe80::1" }, { ip: "ff02::1" }],
      notReadyAddresses: [{ ip: "1.2.3.4", hostname: "A", nodeName: "B" }],
    },
    [
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'subsets[0].addresses[1].ip: Invalid value: "": must be a valid IP address, (…)',
      'subsets[0].addresses[1].ip: Invalid value: "": must be a valid IP address',
      'subsets[0].addresses[2].ip: Invalid value: "::": may not be unspecified (::)',
      'subsets[0].addresses[3].ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'subsets[0].addresses[4].ip: Invalid value: "ff02::1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      "subsets[0].notReadyAddresses[0].hostname: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
      "subsets[0].notReadyAddresses[0].nodeName: Invalid value: \"B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
    ],
  ],
]);

testCreateErrors(
  "event",
  "Event",
  (part: object) => ({
    metadata: { name: "x", namespace: "default" },
    involvedObject: { namespace: "default" },
    ...part,
  }),
  [
    ["fine: little is asked of old recorders", {}, []],
    [
      "the object is in the event's namespace",
      { involvedObject: { namespace: "other" } },
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    [
      "new recorders say who and why",
      { eventTime: "2026-01-01T00:00:00.000000Z" },
      [
        "reportingComponent: Required value",
        'reportingComponent: Invalid value: "": name part must be non-empty',
        "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        "reportingInstance: Required value",
        "action: Required value",
        "reason: Required value",
      ],
    ],
    [
      "in few words",
      {
        eventTime: "2026-01-01T00:00:00.000000Z",
        reportingComponent: "a b",
        reportingInstance: "x".repeat(129),
        action: "x".repeat(129),
        reason: "x".repeat(129),
        message: "x".repeat(1025),
      },
      [
        "reportingComponent: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        'reportingInstance: Invalid value: "": can have at most 128 characters',
        'action: Invalid value: "": can have at most 128 characters',
        'reason: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ],
);
