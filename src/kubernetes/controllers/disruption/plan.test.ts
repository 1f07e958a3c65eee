import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, PodDisruptionBudget } from "#kubernetes/api";
import { selectorText } from "../selector-text.ts";
import { expectedPods, msUntilStale, planBudget, planFailure } from "./plan.ts";

const nowMs = Date.parse("2026-01-01T00:10:00Z");

function budget(spec: PodDisruptionBudget["spec"], status?: PodDisruptionBudget["status"]): PodDisruptionBudget {
  return { metadata: { name: "b", generation: 1 }, ...(spec && { spec }), ...(status && { status }) };
}

function pods(ready: number, others = 0): Pod[] {
  return Array.from({ length: ready + others }, (_, position) => ({
    metadata: { name: `p${position}` },
    status: { phase: "Running", conditions: [{ type: "Ready", status: position < ready ? "True" : "False" }] },
  }));
}

test("numbers and percentages are turned into healthy pods", () => {
  assert.deepEqual(expectedPods(budget({ minAvailable: 2 }), 5), { count: 5, healthy: 2 });
  assert.deepEqual(expectedPods(budget({ minAvailable: "50%" }), 5), { count: 5, healthy: 3 });
  assert.deepEqual(expectedPods(budget({ maxUnavailable: "50%" }), 5), { count: 5, healthy: 2 });
  assert.deepEqual(expectedPods(budget({ maxUnavailable: 9 }), 5), { count: 5, healthy: 0 });
  assert.throws(() => expectedPods(budget({ maxUnavailable: "x" }), 5), /not a percentage/);
});

test("what is healthy beyond what must be may be disrupted", () => {
  const { status } = planBudget(budget({ minAvailable: 2 }), pods(3, 1), { count: 4, healthy: 2 }, nowMs);
  assert.deepEqual(status, {
    currentHealthy: 3,
    desiredHealthy: 2,
    expectedPods: 4,
    disruptionsAllowed: 1,
    observedGeneration: 1,
    conditions: [
      {
        type: "DisruptionAllowed",
        status: "True",
        reason: "SufficientPods",
        message: "",
        observedGeneration: 1,
        lastTransitionTime: "2026-01-01T00:10:00Z",
      },
    ],
  });
  const settled = budget({ minAvailable: 2 }, status);
  assert.equal(planBudget(settled, pods(3, 1), { count: 4, healthy: 2 }, nowMs + 1000).status, undefined);
});

test("a budget that matches nothing allows nothing", () => {
  const { status } = planBudget(budget({ maxUnavailable: 1 }), [], { count: 0, healthy: 0 }, nowMs);
  assert.deepEqual([status?.disruptionsAllowed, status?.conditions?.[0]?.reason], [0, "InsufficientPods"]);
});

test("evicted pods count as gone for two minutes", () => {
  const disruptedPods = { p0: "2026-01-01T00:09:00Z", p1: "2026-01-01T00:07:00Z", gone: "2026-01-01T00:09:00Z" };
  const plan = planBudget(budget({ minAvailable: 1 }, { disruptedPods }), pods(3), { count: 3, healthy: 1 }, nowMs);
  assert.deepEqual(plan.status?.disruptedPods, { p0: "2026-01-01T00:09:00Z" });
  assert.deepEqual([plan.status?.currentHealthy, plan.recheckMs], [2, 60_000]);
  assert.deepEqual(
    plan.notDeleted.map(({ metadata }) => metadata.name),
    ["p1"],
  );
});

test("what cannot be counted allows nothing and says why", () => {
  const status = planFailure(
    budget({ maxUnavailable: 1 }, { disruptionsAllowed: 3, expectedPods: 4 }),
    "no idea",
    nowMs,
  );
  assert.deepEqual(
    [status.disruptionsAllowed, status.expectedPods, status.conditions?.[0]?.reason, status.conditions?.[0]?.message],
    [0, 4, "SyncFailed", "no idea"],
  );
});

test("a pod nobody deletes says only for a while that it is to go", () => {
  const target = (lastTransitionTime: string, more: object = {}): Pod => ({
    metadata: { name: "p" },
    status: { conditions: [{ type: "DisruptionTarget", status: "True", lastTransitionTime, ...more }] },
  });
  assert.equal(msUntilStale(target("2026-01-01T00:09:00Z"), nowMs), 60_000);
  assert.equal(msUntilStale(target("2026-01-01T00:00:00Z"), nowMs), 0);
  assert.equal(msUntilStale(target("2026-01-01T00:00:00Z", { reason: "TerminationByKubelet" }), nowMs), undefined);
  assert.equal(msUntilStale(target("2026-01-01T00:00:00Z", { status: "False" }), nowMs), undefined);
});

test("selectors are shown as Go shows them", () => {
  const selector = {
    matchLabels: { b: "2", a: "1" },
    matchExpressions: [{ key: "c", operator: "In", values: ["x", "y"] }],
  };
  assert.equal(
    selectorText(selector),
    "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:c,Operator:In,Values:[x y],},},}",
  );
});
