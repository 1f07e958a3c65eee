// What is wrong with services, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validateService",
  "Service",
  (spec: object) => ({ metadata: { name: "s" }, spec: { ports: [{ port: 80 }], ...spec } }),
  [
    ["fine: a port", {}, []],
    ["ports are needed", { ports: [] }, ["spec.ports: Required value"]],
    ["fine: a headless service without", { clusterIP: "None", clusterIPs: ["None"], ports: [] }, []],
    [
      "types and policies are known",
      { type: "Tunnel", sessionAffinity: "Mostly", internalTrafficPolicy: "Near", trafficDistribution: "Even" },
      [
        'spec.sessionAffinity: Unsupported value: "Mostly": supported values: "ClientIP", "None"',
        'spec.type: Unsupported value: "Tunnel": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
        'spec.trafficDistribution: Unsupported value: "Even": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
      ],
    ],
    [
      "several ports have names, numbers and protocols of their own",
      {
        ports: [
          { port: 0 },
          { name: "A", port: 80, protocol: "tcp" },
          { name: "b", port: 80 },
          { name: "b", port: 80, appProtocol: "a b" },
        ],
      },
      [
        "spec.ports[0].name: Required value",
        "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
        "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
        "spec.ports[1].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (…)",
        'spec.ports[1].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
        'spec.ports[3].name: Duplicate value: "b"',
        "spec.ports[3].appProtocol: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        'spec.ports[3]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      "target ports are numbers or names",
      {
        ports: [
          { name: "a", port: 80, targetPort: 70000 },
          { name: "b", port: 81, targetPort: "80" },
          { name: "c", port: 82, targetPort: "web-" },
        ],
      },
      [
        "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        'spec.ports[1].targetPort: Invalid value: "80": must contain at least one letter (a-z)',
        'spec.ports[2].targetPort: Invalid value: "web-": must not begin or end with a hyphen',
      ],
    ],
    [
      "node ports are for other types",
      { ports: [{ port: 80, nodePort: 30000 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      "selectors have labels",
      { selector: { "a b": "c d" } },
      [
        "spec.selector: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
        "spec.selector: Invalid value: \"c d\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "affinity lasts",
      { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } },
      [
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400",
      ],
    ],
    [
      "external addresses can be reached",
      { externalIPs: ["127.0.0.1", "x", "0.0.0.0", "224.0.0.1", "169.254.1.1"] },
      [
        'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (…)',
        'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
        'spec.externalIPs[3]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
        'spec.externalIPs[4]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      ],
    ],
    [
      "outside traffic needs a way in",
      { externalTrafficPolicy: "Local" },
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [
      "balancers' fields are for balancers",
      {
        loadBalancerSourceRanges: ["10.0.0.0/8"],
        loadBalancerClass: "a/b",
        allocateLoadBalancerNodePorts: true,
        healthCheckNodePort: 30000,
      },
      [
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
    [
      "a name has no addresses",
      { type: "ExternalName", externalName: "A b" },
      [
        "spec.externalName: Invalid value: \"A b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    ["and a name", { type: "ExternalName" }, ["spec.externalName: Required value"]],
    [
      "families are known",
      { ipFamilies: ["IPv5"] },
      ['spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"'],
    ],
    [
      "a policy for families is known",
      { ipFamilyPolicy: "Dual" },
      [
        'spec.ipFamilyPolicy: Unsupported value: "Dual": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
      ],
    ],
  ],
);

testCreateErrors(
  "validateService",
  "Service",
  (spec: object) => ({ metadata: { name: "s" }, spec: { type: "LoadBalancer", ports: [{ port: 80 }], ...spec } }),
  [
    [
      "ranges are ranges, classes have names",
      { loadBalancerSourceRanges: ["x", " 10.0.0.0/8 "], loadBalancerClass: "a b" },
      [
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (…)',
        "spec.loadBalancerClass: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
    [
      "no balancing without an address",
      { clusterIP: "None", clusterIPs: ["None"] },
      ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services"],
    ],
    [
      "policies are known",
      { externalTrafficPolicy: "Near" },
      ['spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"'],
    ],
  ],
);
