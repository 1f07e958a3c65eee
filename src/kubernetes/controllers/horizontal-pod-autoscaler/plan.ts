// How many pods the metrics ask for. Pure. Values are thousandths.

import type { Pod } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { isPodReady, podCondition } from "../pods/pod-state.ts";
import type { PodMetric, PodMetrics } from "./metrics-client.ts";

export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface ReadinessSettings {
  /** How long CPU samples of a pod that has just started are doubted. */
  readonly cpuInitializationMs: number;
  /** How long a pod that has never been ready is taken to be starting. */
  readonly initialReadinessDelayMs: number;
}

export interface UsageQuestion extends ReadinessSettings {
  /** Those the autoscaler's target selects. */
  readonly pods: readonly Pod[];
  readonly metrics: PodMetrics;
  readonly currentReplicas: number;
  readonly tolerances: Tolerances;
  /** CPU samples count only from pods that are ready. */
  readonly isCpu: boolean;
  readonly nowMs: number;
  /** The usage that is aimed at, against what these pods use. */
  measure(values: ReadonlyMap<string, number>): Usage;
  /** What a pod without a sample is taken to use when there seem to be too many. */
  assumedUsage(podName: string): number;
}

export interface Usage {
  /** Used against aimed at: above 1 there are too few pods. */
  readonly ratio: number;
  readonly average: number;
  readonly utilization?: number;
}

export interface UsageAnswer extends Usage {
  readonly replicas: number;
}

/** Throws, in upstream's words, where nothing can be said. */
export function replicasForUsage(question: UsageQuestion): UsageAnswer {
  const { pods, metrics, currentReplicas, tolerances, measure } = question;
  if (pods.length === 0) throw new Error("no pods returned by selector while calculating replica count");
  const groups = groupPods(question);
  const values = new Map([...metrics].map(([name, { value }]) => [name, value]));
  for (const name of [...groups.ignored, ...groups.unready]) values.delete(name);
  if (values.size === 0) throw new Error("did not receive metrics for targeted pods (pods might be unready)");

  const usage = measure(values);
  const stay = { ...usage, replicas: currentReplicas };
  const growsBesideUnready = groups.unready.size > 0 && usage.ratio > 1;
  if (!growsBesideUnready && groups.missing.size === 0) {
    if (isWithin(usage.ratio, tolerances)) return stay;
    return { ...usage, replicas: Math.ceil(usage.ratio * groups.readyCount) };
  }
  // What is not known is taken to speak against a change.
  for (const name of groups.missing) {
    if (usage.ratio < 1) values.set(name, question.assumedUsage(name));
    else if (usage.ratio > 1) values.set(name, 0);
  }
  if (growsBesideUnready) for (const name of groups.unready) values.set(name, 0);
  const { ratio } = measure(values);
  const turned = (usage.ratio < 1 && ratio > 1) || (usage.ratio > 1 && ratio < 1);
  if (isWithin(ratio, tolerances) || turned) return stay;
  const replicas = Math.ceil(ratio * values.size);
  const isWrongWay = (ratio < 1 && replicas > currentReplicas) || (ratio > 1 && replicas < currentReplicas);
  return isWrongWay ? stay : { ...usage, replicas };
}

export function isWithin(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

interface PodGroups {
  readonly readyCount: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly ignored: ReadonlySet<string>;
}

function groupPods(question: UsageQuestion): PodGroups {
  const [unready, missing, ignored] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let readyCount = 0;
  for (const pod of question.pods) {
    const { name = "", deletionTimestamp } = pod.metadata;
    const phase = pod.status?.phase;
    const metric = question.metrics.get(name);
    if (deletionTimestamp !== undefined || phase === "Failed") ignored.add(name);
    else if (phase === "Pending") unready.add(name);
    else if (!metric) missing.add(name);
    else if (question.isCpu && isStarting(pod, metric, question)) unready.add(name);
    else readyCount++;
  }
  return { readyCount, unready, missing, ignored };
}

function isStarting(pod: Pod, metric: PodMetric, settings: ReadinessSettings & { readonly nowMs: number }): boolean {
  const condition = podCondition(pod, "Ready");
  const startMs = parseTime(pod.status?.startTime);
  if (!condition || startMs === undefined) return true;
  const isUnready = condition.status === "False";
  const changedMs = parseTime(condition.lastTransitionTime) ?? 0;
  // A whole window must lie after the change, or the sample tells of the start.
  if (startMs + settings.cpuInitializationMs > settings.nowMs) {
    return isUnready || metric.atMs < changedMs + metric.windowMs;
  }
  return isUnready && startMs + settings.initialReadinessDelayMs > changedMs;
}

/** Measures the average of all against a target. */
export function measureAverage(target: number): UsageQuestion["measure"] {
  return (values) => {
    const average = Math.trunc(sum(values.values()) / values.size);
    return { ratio: average / target, average };
  };
}

/** Measures against what pods request, in percent. Throws where none of the pods is known. */
export function measureUtilization(requests: ReadonlyMap<string, number>, target: number): UsageQuestion["measure"] {
  return (values) => {
    const known = [...values].filter(([name]) => requests.has(name));
    const requested = sum(known.map(([name]) => requests.get(name) ?? 0));
    if (requested === 0) throw new Error("no metrics returned matched known pods");
    const used = sum(known.map(([, value]) => value));
    const utilization = Math.trunc((used * 100) / requested);
    return { ratio: utilization / target, average: Math.trunc(used / known.length), utilization };
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

const mostReplicas = 2 ** 31 - 1;

/** Replicas for one value that all pods share. From zero on there are no pods to compare with. */
export function replicasForRatio(
  ratio: number,
  currentReplicas: number,
  pods: readonly Pod[],
  tolerances: Tolerances,
): number {
  if (currentReplicas === 0) return Math.ceil(ratio);
  if (isWithin(ratio, tolerances)) return currentReplicas;
  if (pods.length === 0) {
    const problem = "no pods returned by selector while calculating replica count";
    throw new Error(`unable to calculate ready pods: ${problem}`);
  }
  const ready = pods.filter((pod) => pod.status?.phase === "Running" && isPodReady(pod)).length;
  return Math.min(mostReplicas, Math.ceil(ratio * ready));
}

/** Replicas for a value of which each pod should have its share. */
export function replicasForShare(
  value: number,
  target: number,
  statusReplicas: number,
  tolerances: Tolerances,
): { readonly replicas: number; readonly average: number } {
  const isRight = isWithin(value / (target * statusReplicas), tolerances);
  const replicas = isRight ? statusReplicas : Math.min(mostReplicas, Math.ceil(value / target));
  return { replicas, average: Math.ceil(value / statusReplicas) };
}
