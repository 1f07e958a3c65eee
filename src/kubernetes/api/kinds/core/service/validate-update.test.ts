// What may change in services, and what a real server says of the rest.

import { testUpdateErrors } from "../../testing/kind-rows.ts";

const svc = {
  metadata: { name: "s" },
  spec: {
    clusterIP: "10.96.7.7",
    ports: [{ port: 80 }],
    clusterIPs: ["10.96.7.7"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
  },
};
const balanced = {
  metadata: { name: "s" },
  spec: {
    type: "LoadBalancer",
    clusterIP: "10.96.7.8",
    clusterIPs: ["10.96.7.8"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    loadBalancerClass: "a/b",
    externalTrafficPolicy: "Local",
    healthCheckNodePort: 31234,
    ports: [{ port: 80, nodePort: 31235 }],
  },
};

testUpdateErrors("validateServiceUpdate", "Service", [
  ["fine: ports", svc, { spec: { ports: [{ port: 81 }] } }, []],
  ["fine: a name instead", svc, { spec: { type: "ExternalName", externalName: "a.b" } }, []],
  [
    "a class stays",
    balanced,
    { spec: { loadBalancerClass: "c/d" } },
    ['spec.loadBalancerClass: Invalid value: "c/d": may not change once set'],
  ],
  [
    "a health check port stays",
    balanced,
    { spec: { healthCheckNodePort: 31236 } },
    ["spec.healthCheckNodePort: Forbidden: field is immutable"],
  ],
  ["fine: what only a balancer has goes with it", balanced, { spec: { type: "ClusterIP" } }, []],
  [
    "what was changed as well is not dropped",
    balanced,
    { spec: { type: "ClusterIP", loadBalancerClass: "c/d", externalTrafficPolicy: "Cluster" } },
    [
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.externalTrafficPolicy: Invalid value: "Cluster": may only be set for externally-accessible services',
    ],
  ],
]);

testUpdateErrors(
  "validateServiceStatusUpdate",
  "Service",
  [
    [
      "places are for balancers",
      svc,
      { status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } },
      ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
    ],
    [
      "fine: an address or a name",
      balanced,
      { status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }, { hostname: "a.b" }] } } },
      [],
    ],
    [
      "addresses are addresses, names names",
      balanced,
      {
        status: {
          loadBalancer: {
            ingress: [{ ip: "x", ipMode: "Tunnel" }, { hostname: "1.2.3.4", ipMode: "VIP" }, { hostname: "A_b" }],
          },
        },
      },
      [
        'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (…)',
        'status.loadBalancer.ingress[0].ipMode: Unsupported value: "Tunnel": supported values: "Proxy", "VIP"',
        "status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set",
        'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
        "status.loadBalancer.ingress[2].hostname: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
      ],
    ],
  ],
  "status",
);
