import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import { orderForDeletion } from "./deletion-order.ts";

const now = Date.UTC(2026, 0, 2);
const at = (hoursAgo: number) => new Date(now - hoursAgo * 3_600_000).toISOString();

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly ready?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly sidecarRestarts?: number;
  readonly age?: number;
}

function pod(name: string, traits: Traits = {}): Pod {
  const { node = "n1", phase = "Running", ready, cost, restarts = 0, sidecarRestarts = 0, age = 10 } = traits;
  const status = { image: "", imageID: "", ready: true };
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: at(age),
      ...(cost !== undefined && { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }),
    },
    spec: { nodeName: node, containers: [], initContainers: [{ name: "s", restartPolicy: "Always" }] },
    status: {
      phase,
      ...(ready !== undefined && { conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(ready) }] }),
      containerStatuses: [{ ...status, name: "c", restartCount: restarts }],
      initContainerStatuses: [{ ...status, name: "s", restartCount: sidecarRestarts }],
    },
  };
}

const order = (pods: readonly Pod[], related: readonly Pod[] = []) =>
  orderForDeletion(pods, related, now).map(({ metadata }) => metadata.name);

test("orderForDeletion: unassigned, then pending, unknown, running, then ready ones", () => {
  const pods = [
    pod("ready", { ready: 1 }),
    pod("running"),
    pod("unknown", { phase: "Unknown" }),
    pod("pending", { phase: "Pending" }),
    pod("unassigned", { node: "" }),
  ];
  assert.deepEqual(order(pods), ["unassigned", "pending", "unknown", "running", "ready"]);
});

test("orderForDeletion: the lower deletion cost first; what is no number counts as 0", () => {
  const pods = [pod("dear", { cost: "5" }), pod("odd", { cost: "+7" }), pod("cheap", { cost: "-5" })];
  assert.deepEqual(order(pods), ["cheap", "odd", "dear"]);
});

test("orderForDeletion: of a crowded node first", () => {
  const pods = [
    pod("a", { node: "n1", ready: 1 }),
    pod("b", { node: "n2", ready: 1 }),
    pod("c", { node: "n2", ready: 1 }),
  ];
  assert.equal(order(pods, pods)[2], "a");
});

test("orderForDeletion: ready for a shorter time first, on a logarithmic scale", () => {
  assert.deepEqual(order([pod("old", { ready: 100 }), pod("young", { ready: 1 })]), ["young", "old"]);
  // 100 and 101 hours are about the same: the uids decide.
  assert.deepEqual(order([pod("b", { ready: 100 }), pod("a", { ready: 101 })]), ["a", "b"]);
});

test("orderForDeletion: more restarts first, then sidecars' restarts, then younger", () => {
  assert.deepEqual(order([pod("calm"), pod("crashing", { restarts: 3 })]), ["crashing", "calm"]);
  assert.deepEqual(order([pod("calm"), pod("sidecar", { sidecarRestarts: 1 })]), ["sidecar", "calm"]);
  assert.deepEqual(order([pod("old", { age: 100 }), pod("young", { age: 1 })]), ["young", "old"]);
});
