import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import type { PodMetric } from "./metrics-client.ts";
import { measureAverage, measureUtilization, replicasForRatio, replicasForShare, replicasForUsage } from "./plan.ts";
import { requestsOf } from "./requests.ts";

const nowMs = Date.parse("2026-01-01T01:00:00Z");
const tolerances = { up: 0.1, down: 0.1 };

interface PodState {
  readonly phase?: string;
  readonly ready?: string;
  readonly started?: string;
  readonly since?: string;
}

function pod(name: string, state: PodState = {}): Pod {
  const { phase = "Running", ready = "True", started = "00:00:00", since = "00:00:10" } = state;
  return {
    metadata: { name },
    spec: { containers: [{ name: "c", resources: { requests: { cpu: "1" } } }] },
    status: {
      phase,
      startTime: `2026-01-01T${started}Z`,
      conditions: [{ type: "Ready", status: ready, lastTransitionTime: `2026-01-01T${since}Z` }],
    },
  };
}

const metric = (value: number): PodMetric => ({ value, atMs: nowMs, windowMs: 60_000 });

function ask(pods: readonly Pod[], samples: Record<string, number>, targetPercent = 50) {
  const requests = requestsOf(pods, "cpu", "");
  return replicasForUsage({
    pods,
    metrics: new Map(Object.entries(samples).map(([name, value]) => [name, metric(value)])),
    currentReplicas: pods.length,
    tolerances,
    isCpu: true,
    cpuInitializationMs: 300_000,
    initialReadinessDelayMs: 30_000,
    nowMs,
    measure: measureUtilization(requests, targetPercent),
    assumedUsage: (name) => ((requests.get(name) ?? 0) * Math.max(100, targetPercent)) / 100,
  });
}

const [a, b, c] = [pod("a"), pod("b"), pod("c")];

test("replicasForUsage: in proportion to usage, within tolerance not at all", () => {
  assert.deepEqual(ask([a, b], { a: 1000, b: 1000 }), { replicas: 4, ratio: 2, average: 1000, utilization: 100 });
  assert.equal(ask([a, b], { a: 540, b: 540 }).replicas, 2);
  assert.equal(ask([a, b, c], { a: 100, b: 100, c: 100 }).replicas, 1);
});

test("replicasForUsage: pods without samples damp the change", () => {
  // Up: as if they used nothing; down: as if they used all they request.
  assert.equal(ask([a, b, c], { a: 1000, b: 1000 }).replicas, 4);
  assert.equal(ask([a, b, c], { a: 100, b: 100 }).replicas, 3);
});

test("replicasForUsage: unready pods do not count, except to damp growth", () => {
  const starting = pod("c", { ready: "False", started: "00:59:00", since: "00:59:00" });
  assert.equal(ask([a, b, starting], { a: 1000, b: 1000, c: 1000 }).replicas, 4);
  assert.equal(ask([a, b, starting], { a: 250, b: 250, c: 1000 }).replicas, 1);
  const failed = pod("c", { phase: "Failed" });
  assert.equal(ask([a, b, failed], { a: 1000, b: 1000, c: 9000 }).replicas, 4);
  const fresh = pod("c", { started: "00:59:30", since: "00:59:40" });
  assert.equal(ask([a, b, fresh], { a: 500, b: 500, c: 9000 }).replicas, 3);
});

test("replicasForUsage: says why nothing can be said", () => {
  assert.throws(() => ask([], {}), { message: "no pods returned by selector while calculating replica count" });
  assert.throws(() => ask([a], {}), { message: "did not receive metrics for targeted pods (pods might be unready)" });
});

test("measureAverage: the average of all against a target", () => {
  const values = new Map([
    ["a", 10],
    ["b", 21],
  ]);
  assert.deepEqual(measureAverage(10)(values), { ratio: 1.5, average: 15 });
});

test("replicasForRatio: by the pods that are ready; from zero by the value alone", () => {
  assert.equal(replicasForRatio(3, 2, [a, b, pod("x", { ready: "False" })], tolerances), 6);
  assert.equal(replicasForRatio(1.05, 2, [a, b], tolerances), 2);
  assert.equal(replicasForRatio(2.5, 0, [], tolerances), 3);
});

test("replicasForShare: as many as the value needs", () => {
  assert.deepEqual(replicasForShare(1000, 100, 4, tolerances), { replicas: 10, average: 250 });
  assert.deepEqual(replicasForShare(410, 100, 4, tolerances), { replicas: 4, average: 103 });
});

test("requestsOf: all containers, one, or the pod's own; says what is missing", () => {
  const spec = { containers: [{ name: "x", resources: { requests: { cpu: "100m" } } }, { name: "y" }] };
  const two: Pod = { metadata: { name: "p" }, spec };
  assert.deepEqual(requestsOf([two], "cpu", "x"), new Map([["p", 100]]));
  assert.throws(() => requestsOf([two], "cpu", ""), { message: "missing request for cpu in container y of Pod p" });
  assert.throws(() => requestsOf([two], "cpu", "z"), { message: "container z not found in Pod p" });
  const whole: Pod = { metadata: { name: "p" }, spec: { ...spec, resources: { requests: { cpu: "2" } } } };
  assert.deepEqual(requestsOf([whole], "cpu", ""), new Map([["p", 2000]]));
});
