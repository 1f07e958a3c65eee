// Which of two pods matters more, and which candidate for preemption costs least.

import { parseTime } from "#kubernetes/api";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { Candidate } from "./victims.ts";

/** Higher priority; of the same priority, longer running. */
export function isMoreImportant(a: PodInfo, b: PodInfo, nowMs: number): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return startTimeOf(a, nowMs) < startTimeOf(b, nowMs);
}

const startTimes = new WeakMap<PodInfo, number>();

/** A pod that has not started starts now. */
function startTimeOf(info: PodInfo, nowMs: number): number {
  const { startTime } = info.pod.status ?? {};
  if (!startTime) return nowMs;
  let time = startTimes.get(info);
  if (time === undefined) {
    time = parseTime(startTime);
    startTimes.set(info, time);
  }
  return time;
}

/** In order of weight: what less is better of. */
const costs: readonly ((candidate: Candidate, nowMs: number) => number)[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]!.priority,
  // Each victim counts, however low its priority: so none may lower the sum.
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
  ({ victims }) => victims.length,
  (candidate, nowMs) => -startOfMostImportant(candidate, nowMs),
];

/** The candidate that costs least; of several the first. `candidates` is not empty. */
export function cheapestCandidate(candidates: readonly Candidate[], nowMs: number): Candidate {
  let left = candidates;
  for (const cost of costs) {
    if (left.length === 1) break;
    const values = left.map((candidate) => cost(candidate, nowMs));
    let least = values[0]!;
    for (const value of values) if (value < least) least = value;
    left = left.filter((_, at) => values[at] === least);
  }
  return left[0]!;
}

/** When the longest running of the most important victims started. */
function startOfMostImportant({ victims }: Candidate, nowMs: number): number {
  const most = victims.reduce((highest, { priority }) => Math.max(highest, priority), victims[0]!.priority);
  const starts = victims.filter(({ priority }) => priority === most).map((victim) => startTimeOf(victim, nowMs));
  return Math.min(...starts);
}
