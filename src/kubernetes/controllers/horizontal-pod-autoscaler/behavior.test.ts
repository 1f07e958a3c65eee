import assert from "node:assert/strict";
import { test } from "node:test";
import type { HorizontalPodAutoscalerBehavior } from "#kubernetes/api";
import { type NormalizeArgs, normalizeReplicas, pruneHistory } from "./behavior.ts";

const nowMs = 3600_000;
const nothing = { recommendations: [], ups: [], downs: [] };

function normalize(current: number, wanted: number, more: Partial<NormalizeArgs> = {}) {
  const { replicas, able, limited } = normalizeReplicas({
    current,
    wanted,
    min: 1,
    max: 100,
    behavior: undefined,
    history: nothing,
    downscaleStabilizationMs: 300_000,
    nowMs,
    ...more,
  });
  return [replicas, able.reason, limited.isLimited && limited.reason];
}

const recommended = (replicas: number, secondsAgo: number) => ({ replicas, atMs: nowMs - secondsAgo * 1000 });

test("normalizeReplicas: without behavior, bounds, at most double, and the highest of five minutes", () => {
  assert.deepEqual(normalize(3, 5), [5, "ReadyForNewScale", false]);
  assert.deepEqual(normalize(1, 20), [4, "ReadyForNewScale", "ScaleUpLimit"]);
  assert.deepEqual(normalize(10, 50), [20, "ReadyForNewScale", "ScaleUpLimit"]);
  assert.deepEqual(normalize(10, 15, { max: 12 }), [12, "ReadyForNewScale", "TooManyReplicas"]);
  assert.deepEqual(normalize(5, 1, { min: 2 }), [2, "ReadyForNewScale", "TooFewReplicas"]);
  const history = { ...nothing, recommendations: [recommended(9, 100), recommended(20, 301)] };
  assert.deepEqual(normalize(10, 5, { history }), [9, "ScaleDownStabilized", false]);
});

const behavior: HorizontalPodAutoscalerBehavior = {
  scaleUp: {
    stabilizationWindowSeconds: 60,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 2, periodSeconds: 60 },
      { type: "Percent", value: 50, periodSeconds: 60 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Min",
    policies: [{ type: "Pods", value: 3, periodSeconds: 60 }],
  },
};

test("normalizeReplicas: behavior limits the rate, counting what was done already", () => {
  assert.deepEqual(normalize(10, 50, { behavior }), [15, "ReadyForNewScale", "ScaleUpLimit"]);
  assert.deepEqual(normalize(2, 50, { behavior }), [4, "ReadyForNewScale", "ScaleUpLimit"]);
  const ups = [{ change: 4, atMs: nowMs - 30_000 }];
  assert.deepEqual(normalize(14, 50, { behavior, history: { ...nothing, ups } })[0], 15);
  assert.deepEqual(normalize(10, 1, { behavior }), [7, "ReadyForNewScale", "ScaleDownLimit"]);
  const downs = [{ change: 3, atMs: nowMs - 30_000 }];
  assert.deepEqual(normalize(7, 1, { behavior, history: { ...nothing, downs } })[0], 7);
  const disabled = { ...behavior, scaleDown: { ...behavior.scaleDown, selectPolicy: "Disabled" } };
  assert.deepEqual(normalize(10, 1, { behavior: disabled })[0], 10);
});

test("normalizeReplicas: behavior waits for recommendations to settle", () => {
  const history = { ...nothing, recommendations: [recommended(11, 30)] };
  assert.deepEqual(normalize(10, 14, { behavior, history }), [11, "ScaleUpStabilized", false]);
  const slow = { ...behavior, scaleDown: { ...behavior.scaleDown, stabilizationWindowSeconds: 300 } };
  const higher = { ...nothing, recommendations: [recommended(9, 200)] };
  assert.deepEqual(normalize(10, 5, { behavior: slow, history: higher }), [9, "ScaleDownStabilized", false]);
});

test("pruneHistory: nothing older than an hour", () => {
  const history = { recommendations: [recommended(1, 3601), recommended(2, 10)], ups: [], downs: [] };
  assert.deepEqual(pruneHistory(history, nowMs).recommendations, [recommended(2, 10)]);
});
