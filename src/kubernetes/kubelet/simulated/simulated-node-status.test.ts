import assert from "node:assert/strict";
import { test } from "node:test";
import { healthyStatus, isReady, makeSimulatedNode } from "./simulated-node-status.ts";

const facts = { ips: ["198.18.0.2"], nowMs: 0 };

test("makeSimulatedNode: Ready, marked as KWOK marks its own, with what differs from the default", () => {
  const node = makeSimulatedNode(
    { name: "a", labels: { zone: "z" }, capacity: { cpu: "4", "example.com/gpu": "2" } },
    facts,
  );
  assert.equal(node.metadata.annotations?.["kwok.x-k8s.io/node"], "fake");
  assert.equal(node.metadata.labels?.["kubernetes.io/hostname"], "a");
  assert.equal(node.metadata.labels?.["zone"], "z");
  assert.ok(isReady(node));
  const { capacity, allocatable, addresses } = node.status ?? {};
  assert.deepEqual(capacity, {
    cpu: "4",
    memory: "256Gi",
    pods: "110",
    "ephemeral-storage": "1Ti",
    "example.com/gpu": "2",
  });
  assert.deepEqual(allocatable, capacity);
  assert.deepEqual(addresses?.[0], { type: "InternalIP", address: "198.18.0.2" });
});

test("healthyStatus: what somebody has given the node stays", () => {
  const given = {
    capacity: { cpu: "2" },
    allocatable: { cpu: "1" },
    addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
    nodeInfo: { kubeletVersion: "v9", architecture: "" },
  };
  const status = healthyStatus({ metadata: { name: "a" }, status: given as never }, facts);
  assert.equal(status.capacity?.["cpu"], "2");
  assert.equal(status.allocatable?.["cpu"], "1");
  assert.equal(status.allocatable?.["memory"], "256Gi");
  assert.deepEqual(status.addresses, given.addresses);
  assert.equal(status.nodeInfo?.kubeletVersion, "v9");
  assert.notEqual(status.nodeInfo?.architecture, "");
  assert.ok(isReady({ metadata: {}, status }));
});
