// From what metrics ask for to what is done: bounds, rates of change, and waiting for recommendations to settle. Pure.

import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from "#kubernetes/api";

/** What is remembered of an autoscaler. */
export interface ScalingHistory {
  /** What was asked for, before any of this. */
  readonly recommendations: readonly Recommendation[];
  readonly ups: readonly ScaleEvent[];
  readonly downs: readonly ScaleEvent[];
}

export interface Recommendation {
  readonly replicas: number;
  readonly atMs: number;
}

export interface ScaleEvent {
  /** How many pods more, or fewer. */
  readonly change: number;
  readonly atMs: number;
}

export interface NormalizeArgs {
  readonly current: number;
  readonly wanted: number;
  readonly min: number;
  readonly max: number;
  readonly behavior: HorizontalPodAutoscalerBehavior | undefined;
  readonly history: ScalingHistory;
  readonly downscaleStabilizationMs: number;
  readonly nowMs: number;
}

export interface Verdict {
  readonly reason: string;
  readonly message: string;
}

export interface Normalized {
  readonly replicas: number;
  /** Of the condition AbleToScale. */
  readonly able: Verdict;
  /** Of the condition ScalingLimited. */
  readonly limited: Verdict & { readonly isLimited: boolean };
}

export function normalizeReplicas(args: NormalizeArgs): Normalized {
  const stabilized = args.behavior ? stabilizeWithBehavior(args) : stabilize(args);
  const able: Verdict =
    stabilized.replicas === args.wanted
      ? { reason: "ReadyForNewScale", message: "recommended size matches current size" }
      : stabilized.why;
  const limited = args.behavior ? limitRate(args, stabilized.replicas) : limit(args, stabilized.replicas);
  const isLimited = limited.replicas !== stabilized.replicas;
  return { replicas: limited.replicas, able, limited: { ...limited.why, isLimited } };
}

interface Bounded {
  readonly replicas: number;
  readonly why: Verdict;
}

const higherBefore: Verdict = {
  reason: "ScaleDownStabilized",
  message: "recent recommendations were higher than current one, applying the highest recent recommendation",
};
const lowerBefore: Verdict = {
  reason: "ScaleUpStabilized",
  message: "recent recommendations were lower than current one, applying the lowest recent recommendation",
};

function stabilize({ wanted, history, downscaleStabilizationMs, nowMs }: NormalizeArgs): Bounded {
  const recent = history.recommendations.filter(({ atMs }) => atMs >= nowMs - downscaleStabilizationMs);
  return { replicas: Math.max(wanted, ...recent.map(({ replicas }) => replicas)), why: higherBefore };
}

function stabilizeWithBehavior(args: NormalizeArgs): Bounded {
  const { current, wanted, history, behavior, nowMs, downscaleStabilizationMs } = args;
  const upMs = (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000;
  const downSeconds = behavior?.scaleDown?.stabilizationWindowSeconds;
  const downMs = downSeconds === undefined ? downscaleStabilizationMs : downSeconds * 1000;
  const since = (ms: number) =>
    history.recommendations.filter(({ atMs }) => atMs > nowMs - ms).map(({ replicas }) => replicas);
  const lowest = Math.min(wanted, ...since(upMs));
  const highest = Math.max(wanted, ...since(downMs));
  const replicas = Math.min(Math.max(current, lowest), highest);
  return { replicas, why: wanted >= current ? lowerBefore : higherBefore };
}

const tooMany: Verdict = {
  reason: "TooManyReplicas",
  message: "the desired replica count is more than the maximum replica count",
};
const tooFew: Verdict = {
  reason: "TooFewReplicas",
  message: "the desired replica count is less than the minimum replica count",
};
const tooFast: Verdict = {
  reason: "ScaleUpLimit",
  message: "the desired replica count is increasing faster than the maximum scale rate",
};
const tooFastDown: Verdict = {
  reason: "ScaleDownLimit",
  message: "the desired replica count is decreasing faster than the maximum scale rate",
};
const withinRange: Verdict = {
  reason: "DesiredWithinRange",
  message: "the desired count is within the acceptable range",
};

/** At most twice as many at once, or four. */
function limit({ current, min, max }: NormalizeArgs, wanted: number): Bounded {
  const fastest = Math.max(2 * current, 4);
  if (wanted < min) return { replicas: min, why: tooFew };
  if (wanted > Math.min(max, fastest)) {
    return max > fastest ? { replicas: fastest, why: tooFast } : { replicas: max, why: tooMany };
  }
  return { replicas: wanted, why: withinRange };
}

function limitRate(args: NormalizeArgs, wanted: number): Bounded {
  const { current, min, max, behavior } = args;
  if (wanted > current) {
    const fastest = Math.max(current, scaleUpLimit(args, behavior?.scaleUp ?? {}));
    if (wanted > Math.min(max, fastest)) {
      return max > fastest ? { replicas: fastest, why: tooFast } : { replicas: max, why: tooMany };
    }
  } else if (wanted < current) {
    const fastest = Math.min(current, scaleDownLimit(args, behavior?.scaleDown ?? {}));
    if (wanted < Math.max(min, fastest)) {
      return min < fastest ? { replicas: fastest, why: tooFastDown } : { replicas: min, why: tooFew };
    }
  }
  return { replicas: wanted, why: withinRange };
}

function scaleUpLimit(args: NormalizeArgs, rules: HPAScalingRules): number {
  if (rules.selectPolicy === "Disabled") return args.current;
  const limits = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = replicasAtStart(args, periodSeconds);
    // Rounded up, lest a small share never be a whole pod.
    return type === "Pods" ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return rules.selectPolicy === "Min" ? Math.min(...limits) : Math.max(...limits);
}

function scaleDownLimit(args: NormalizeArgs, rules: HPAScalingRules): number {
  if (rules.selectPolicy === "Disabled") return args.current;
  const limits = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = replicasAtStart(args, periodSeconds);
    return type === "Pods" ? start - value : Math.trunc(start * (1 - value / 100));
  });
  return rules.selectPolicy === "Min" ? Math.max(...limits) : Math.min(...limits);
}

/** How many there were when the period began. */
function replicasAtStart({ current, history, nowMs }: NormalizeArgs, periodSeconds: number): number {
  const changeOf = (events: readonly ScaleEvent[]) =>
    events.filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000).reduce((sum, { change }) => sum + change, 0);
  return current - changeOf(history.ups) + changeOf(history.downs);
}

const longestWindowMs = 3600_000;

/** What is still of use: nothing that a policy or a window may ask for is older than an hour. */
export function pruneHistory(history: ScalingHistory, nowMs: number): ScalingHistory {
  const isRecent = ({ atMs }: { readonly atMs: number }) => atMs >= nowMs - longestWindowMs;
  return {
    recommendations: history.recommendations.filter(isRecent),
    ups: history.ups.filter(isRecent),
    downs: history.downs.filter(isRecent),
  };
}
