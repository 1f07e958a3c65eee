import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, ReplicaSet } from "#kubernetes/api";
import { isSameStatus, msUntilLook, planReplicas, planStatus } from "./plan.ts";

const now = Date.UTC(2026, 0, 1, 1);
const time = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();

const replicaSet = (replicas: number, more: Partial<ReplicaSet> = {}): ReplicaSet => ({
  metadata: { name: "web", uid: "1", generation: 2 },
  spec: { replicas, selector: {}, template: { metadata: { labels: { app: "web" } } } },
  ...more,
});
const pod = (name: string, readyFor?: number, labels: Record<string, string> = { app: "web" }): Pod => ({
  metadata: { name, labels },
  spec: { nodeName: "n", containers: [] },
  status: {
    phase: "Running",
    ...(readyFor !== undefined && {
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: time(readyFor) }],
    }),
  },
});
const surroundings = { related: () => [], nowMs: now };

test("planReplicas: creates what lacks, deletes the least useful of what is too much", () => {
  const pods = [pod("a", 10), pod("b"), pod("c", 10)];
  assert.deepEqual(planReplicas(replicaSet(3), pods, surroundings), { create: 0, remove: [] });
  assert.deepEqual(planReplicas(replicaSet(5), pods, surroundings), { create: 2, remove: [] });
  const { remove } = planReplicas(replicaSet(2), pods, surroundings);
  assert.deepEqual(
    remove.map(({ metadata }) => metadata.name),
    ["b"],
  );
  assert.equal(planReplicas(replicaSet(0), pods, surroundings).remove.length, 3);
});

test("planReplicas: one that is being deleted does nothing", () => {
  const leaving = replicaSet(5, { metadata: { deletionTimestamp: time(0) } });
  assert.deepEqual(planReplicas(leaving, [], surroundings), { create: 0, remove: [] });
});

test("planStatus: counts", () => {
  const owner = replicaSet(4, { spec: { ...replicaSet(4).spec!, minReadySeconds: 30 } });
  const active = [pod("a", 60), pod("b", 10), pod("c"), pod("d", 60, { app: "other" })];
  const status = planStatus(owner, { active, terminating: 1, failure: undefined, nowMs: now });
  assert.deepEqual(status, {
    replicas: 4,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 2,
    terminatingReplicas: 1,
    observedGeneration: 2,
  });
  assert.equal(msUntilLook(owner, status, active, now), 20_000);
});

test("planStatus: a failure is told until it is over, as it was first seen", () => {
  const observed = { active: [], terminating: undefined, nowMs: now };
  const failing = planStatus(replicaSet(1), { ...observed, failure: new Error("quota") });
  assert.deepEqual(failing.conditions, [
    {
      type: "ReplicaFailure",
      status: "True",
      reason: "FailedCreate",
      message: "quota",
      lastTransitionTime: "2026-01-01T01:00:00Z",
    },
  ]);
  const owner = replicaSet(1, { status: failing });
  const still = planStatus(owner, { ...observed, failure: new Error("other"), nowMs: now + 5000 });
  assert.ok(isSameStatus(failing, still));
  const over = planStatus(owner, { ...observed, failure: undefined });
  assert.equal(over.conditions, undefined);
  assert.ok(!isSameStatus(failing, over));
});

test("isSameStatus: an absent count is 0, but for one that is new", () => {
  assert.ok(isSameStatus({ replicas: 0 }, { replicas: 0, readyReplicas: 0 }));
  assert.ok(!isSameStatus({ replicas: 0 }, { replicas: 0, terminatingReplicas: 0 }));
  assert.ok(!isSameStatus(undefined, { replicas: 1 }));
});

test("msUntilLook: nothing to wait for where all ready pods are available, or need not wait", () => {
  assert.equal(msUntilLook(replicaSet(1), { replicas: 1, readyReplicas: 1, availableReplicas: 0 }, [], now), undefined);
});
