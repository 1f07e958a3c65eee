// How many pods of a budget may be disrupted. Pure.

import { type Condition, type Pod, type PodDisruptionBudget, scaleIntOrPercent } from "#kubernetes/api";
import { formatTime, parseTime } from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import { isPodFinished, isPodReady, podCondition } from "../pods/pod-state.ts";

type Status = NonNullable<PodDisruptionBudget["status"]>;

/** How long a pod that was evicted counts as going although nobody has deleted it. */
const deletionMs = 2 * 60_000;
/** How long a pod may say that it is to be disrupted without being deleted. */
const staleMs = 2 * 60_000;

export interface Expected {
  /** The pods there should be. */
  readonly count: number;
  /** How many of them must be healthy. */
  readonly healthy: number;
}

/** Whether the number of pods there should be is what their controllers ask for, rather than what there are. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === "string";
}

/** @param count The pods there should be. Throws for what is neither a number nor a percentage. */
export function expectedPods({ spec }: PodDisruptionBudget, count: number): Expected {
  const { maxUnavailable, minAvailable } = spec ?? {};
  if (maxUnavailable !== undefined) {
    return { count, healthy: Math.max(0, count - scaleIntOrPercent(maxUnavailable, count, true)) };
  }
  if (minAvailable === undefined) return { count: 0, healthy: 0 };
  return { count, healthy: scaleIntOrPercent(minAvailable, count, true) };
}

export interface BudgetPlan {
  /** Undefined where the status is right. */
  readonly status: Status | undefined;
  /** Pods that were evicted and are still there. */
  readonly notDeleted: readonly Pod[];
  /** Until an evicted pod counts as staying; undefined where none is waited for. */
  readonly recheckMs: number | undefined;
}

export function planBudget(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  expected: Expected,
  nowMs: number,
): BudgetPlan {
  const { disrupted, notDeleted, recheckMs } = reviewDisrupted(budget, pods, nowMs);
  const currentHealthy = pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && disrupted[pod.metadata.name ?? ""] === undefined && isPodReady(pod),
  ).length;
  // A budget that has matched nothing yet allows nothing when its first pods appear.
  const disruptionsAllowed = expected.count > 0 ? Math.max(0, currentHealthy - expected.healthy) : 0;
  const observedGeneration = budget.metadata.generation ?? 0;
  const condition = {
    type: "DisruptionAllowed",
    status: disruptionsAllowed > 0 ? "True" : "False",
    reason: disruptionsAllowed > 0 ? "SufficientPods" : "InsufficientPods",
    message: "",
    observedGeneration,
  };
  const status: Status = {
    currentHealthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.count,
    disruptionsAllowed,
    observedGeneration,
    ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
    conditions: withCondition(budget.status?.conditions, condition, nowMs),
  };
  return { status: isSameJson(status, budget.status) ? undefined : status, notDeleted, recheckMs };
}

/** When all else fails: nothing may be disrupted. */
export function planFailure(budget: PodDisruptionBudget, message: string, nowMs: number): Status {
  const { observedGeneration = 0, conditions } = budget.status ?? {};
  const condition = { type: "DisruptionAllowed", status: "False", reason: "SyncFailed", message, observedGeneration };
  return { ...budget.status, disruptionsAllowed: 0, conditions: withCondition(conditions, condition, nowMs) };
}

function withCondition(
  conditions: readonly Condition[] = [],
  wanted: Omit<Condition, "lastTransitionTime">,
  nowMs: number,
): Condition[] {
  const present = conditions.find(({ type }) => type === wanted.type);
  const lastTransitionTime = present?.status === wanted.status ? present.lastTransitionTime : formatTime(nowMs);
  const condition: Condition = { ...wanted, lastTransitionTime };
  return present ? conditions.map((other) => (other === present ? condition : other)) : [...conditions, condition];
}

interface Reviewed extends Pick<BudgetPlan, "notDeleted" | "recheckMs"> {
  readonly disrupted: Record<string, string>;
}

/** Those of the evicted pods that are still about to be deleted. */
function reviewDisrupted({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): Reviewed {
  const disrupted: Record<string, string> = {};
  const notDeleted: Pod[] = [];
  let recheckMs: number | undefined;
  for (const pod of pods) {
    const { name = "", deletionTimestamp } = pod.metadata;
    const time = status?.disruptedPods?.[name];
    if (deletionTimestamp || time === undefined) continue;
    const leftMs = (parseTime(time) ?? 0) + deletionMs - nowMs;
    if (leftMs <= 0) notDeleted.push(pod);
    else {
      disrupted[name] = time;
      recheckMs = Math.min(leftMs, recheckMs ?? leftMs);
    }
  }
  return { disrupted, notDeleted, recheckMs };
}

/**
 * The time until a pod that says it is to be disrupted, and is not deleted, should no longer say so; undefined where it does
 * not. What its kubelet says is never stale: that may take its time.
 */
export function msUntilStale(pod: Pod, nowMs: number): number | undefined {
  if (pod.metadata.deletionTimestamp || isPodFinished(pod)) return undefined;
  const condition = podCondition(pod, "DisruptionTarget");
  if (condition?.status !== "True" || condition.reason === "TerminationByKubelet") return undefined;
  return Math.max(0, (parseTime(condition.lastTransitionTime) ?? 0) + staleMs - nowMs);
}
