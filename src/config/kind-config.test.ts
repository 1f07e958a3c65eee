import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "./read-config.ts";

const head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n";

test("convertKindConfig: an empty file is one node that takes workloads", () => {
  const { config, notices } = readConfig(head, "kind.yaml");
  assert.deepEqual(notices, []);
  assert.deepEqual(config.workers, []);
  assert.deepEqual(config.controlPlane.taints, []);
});

test("convertKindConfig: nodes become pools, ranges and ports are kept", () => {
  const { config, notices } = readConfig(
    `${head}name: mine
nodes:
- role: control-plane
  labels: { zone: a }
- role: worker
- role: worker
- role: worker
  labels: { tier: db }
networking:
  apiServerPort: 7443
  podSubnet: 10.10.0.0/16
  serviceSubnet: 10.11.0.0/16
  kubeProxyMode: none
  disableDefaultCNI: true
`,
    "kind.yaml",
  );
  assert.deepEqual(notices, []);
  assert.equal(config.name, "mine");
  assert.deepEqual(config.controlPlane.labels, { zone: "a" });
  assert.equal(config.controlPlane.taints, undefined);
  assert.deepEqual(
    config.workers.map(({ name, count, labels }) => ({ name, count, labels })),
    [
      { name: "worker", count: 2, labels: {} },
      { name: "worker2", count: 1, labels: { tier: "db" } },
    ],
  );
  assert.equal(config.network.apiServerPort, 7443);
  assert.equal(config.network.podCIDR, "10.10.0.0/16");
  assert.equal(config.network.plugin, "none");
  assert.equal(config.network.proxy, "none");
});

test("convertKindConfig: names what is about kind's containers only", () => {
  const { notices } = readConfig(
    `${head}nodes:
- role: control-plane
  image: kindest/node:v1.36.0
  extraPortMappings: [{ containerPort: 80, hostPort: 80 }]
- role: control-plane
networking:
  kubeProxyMode: ipvs
featureGates: { X: true }
`,
    "kind.yaml",
  );
  assert.deepEqual(notices, [
    "kind.yaml:5: image is not used: nodes are not container images here",
    "kind.yaml:6: extraPortMappings is not used: nodes are not containers here: reach a NodePort at the node's own address",
    "kind.yaml:7: nodes[1] is left out: a local cluster has one control plane",
    "kind.yaml:9: networking.kubeProxyMode: ipvs is not used: services go through nftables",
    "kind.yaml:10: featureGates is not used: there are no feature gates here",
  ]);
});

test("convertKindConfig: refuses unknown fields, and what slipway cannot do, with lines", () => {
  assert.throws(
    () => readConfig(`${head}nodes:\n- rol: worker\n`, "kind.yaml"),
    /kind.yaml:4: nodes\[0\].rol: unknown field, did you mean "role"\?/,
  );
  assert.throws(
    () => readConfig(`${head}networking: { ipFamily: dual }\n`, "kind.yaml"),
    /kind.yaml:3: networking.ipFamily: must be ipv4/,
  );
  assert.throws(
    () => readConfig(`${head}networking:\n  podSubnet: 10.96.0.0/16\n`, "kind.yaml"),
    /kind.yaml:\d: network.*must not overlap/,
  );
  assert.throws(
    () => readConfig("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\n", "kind.yaml"),
    /kind.yaml:2: apiVersion: must be "kind.x-k8s.io\/v1alpha4"/,
  );
});
