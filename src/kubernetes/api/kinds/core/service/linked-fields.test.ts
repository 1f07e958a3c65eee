import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKind, describe } from "../../testing/kind-rows.ts";
import { dropTypeDependentFields } from "./drop-dependent-fields.ts";
import { settleIPFamilies } from "./ip-families.ts";
import { keepAllocatedValues, normalizeClusterIPs } from "./linked-fields.ts";
import type { DecodedService } from "./service-traits.ts";

function decodeService(spec: object): DecodedService {
  return decodeKind<DecodedService>("Service", { metadata: { name: "s" }, spec: { ports: [{ port: 80 }], ...spec } });
}

const ip = { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] };

type NormalRow = readonly [name: string, spec: object, old: object | undefined, ips: readonly string[] | undefined];
const normalRows: readonly NormalRow[] = [
  ["one address makes a list", { clusterIP: "10.0.0.1" }, undefined, ["10.0.0.1"]],
  ["none makes none", {}, undefined, undefined],
  ["a list that was left out is taken over", { clusterIP: "10.0.0.1" }, ip, ["10.0.0.1"]],
  ["an address that was cleared clears the list", { clusterIPs: ["10.0.0.1"] }, ip, undefined],
  ["an address that was changed changes the list", { ...ip, clusterIP: "10.0.0.2" }, ip, ["10.0.0.2"]],
  ["a list that was changed, too, is left to validation", { clusterIP: "10.0.0.2", clusterIPs: ["x"] }, ip, ["x"]],
];
for (const [name, spec, old, ips] of normalRows) {
  test(`normalizeClusterIPs: ${name}`, () => {
    const service = decodeService(spec);
    normalizeClusterIPs(service, old && decodeService(old));
    assert.deepEqual(service.spec.clusterIPs, ips);
  });
}

test("keepAllocatedValues: addresses, and node ports by name", () => {
  const old = decodeService({
    ...ip,
    type: "NodePort",
    ports: [
      { name: "a", port: 80, nodePort: 30001 },
      { name: "b", port: 81, nodePort: 30002 },
    ],
  });
  const ports = [
    { name: "b", port: 81 },
    { name: "a", port: 80 },
    { name: "c", port: 82, nodePort: 30001 },
  ];
  const service = decodeService({ type: "NodePort", ports });
  keepAllocatedValues(service, old);
  assert.equal(service.spec.clusterIP, "10.0.0.1");
  assert.deepEqual(
    service.spec.ports!.map(({ nodePort }) => nodePort),
    [30002, undefined, 30001],
  );
});

test("dropTypeDependentFields: what was allocated for the old type goes", () => {
  const old = decodeService({ ...ip, type: "LoadBalancer", ports: [{ port: 80, nodePort: 30001 }] });
  old.status = { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } };
  const service = { ...structuredClone(old), status: old.status };
  service.spec.type = "ExternalName";
  dropTypeDependentFields(service, old);
  assert.equal(service.spec.clusterIP, undefined);
  assert.equal(service.spec.clusterIPs, undefined);
  assert.equal(service.spec.allocateLoadBalancerNodePorts, undefined);
  assert.equal(service.spec.externalTrafficPolicy, undefined);
  assert.equal(service.spec.ports![0]!.nodePort, undefined);
  assert.deepEqual(service.status.loadBalancer, {});
  assert.equal(old.status.loadBalancer!.ingress!.length, 1);
});

type FamilyRow = readonly [
  name: string,
  spec: object,
  old: object | undefined,
  configured: readonly ("IPv4" | "IPv6")[],
  outcome: object | string,
];
const single = { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] };
const preferring = { ...ip, ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4"] };
const familyRows: readonly FamilyRow[] = [
  ["one family, the cluster's first", {}, undefined, ["IPv4", "IPv6"], single],
  [
    "the family of its address",
    { clusterIP: "fd00::1", clusterIPs: ["fd00::1"] },
    undefined,
    ["IPv4", "IPv6"],
    {
      ipFamilyPolicy: "SingleStack",
      ipFamilies: ["IPv6"],
    },
  ],
  [
    "two where it wants and there are two",
    { ipFamilyPolicy: "PreferDualStack" },
    undefined,
    ["IPv6", "IPv4"],
    {
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv6", "IPv4"],
    },
  ],
  [
    "one where there is but one",
    { ipFamilyPolicy: "PreferDualStack" },
    undefined,
    ["IPv4"],
    {
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv4"],
    },
  ],
  [
    "both for endpoints nobody knows",
    { clusterIP: "None", clusterIPs: ["None"] },
    undefined,
    ["IPv4"],
    {
      ipFamilyPolicy: "RequireDualStack",
      ipFamilies: ["IPv4", "IPv6"],
    },
  ],
  [
    "what it has while it only prefers",
    preferring,
    preferring,
    ["IPv4", "IPv6"],
    {
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv4"],
    },
  ],
  [
    "two that are not there",
    { ipFamilyPolicy: "RequireDualStack" },
    undefined,
    ["IPv4"],
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  ],
  [
    "one that is not there",
    { ipFamilies: ["IPv6"] },
    undefined,
    ["IPv4"],
    'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
  ],
  [
    "an address of one that is not there",
    { clusterIP: "fd00::1", clusterIPs: ["fd00::1"] },
    undefined,
    ["IPv4"],
    'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
  ],
  [
    "two for a single one",
    { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4", "IPv6"] },
    undefined,
    ["IPv4", "IPv6"],
    "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
  ],
];
for (const [name, spec, old, configured, outcome] of familyRows) {
  test(`settleIPFamilies: ${name}`, () => {
    const service = decodeService(spec);
    const problems = describe(settleIPFamilies(service, old && decodeService(old), configured));
    const { ipFamilyPolicy, ipFamilies } = service.spec;
    if (typeof outcome === "string") assert.deepEqual(problems, [outcome]);
    else assert.deepEqual([problems, { ipFamilyPolicy, ipFamilies }], [[], outcome]);
  });
}
