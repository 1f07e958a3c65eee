// A Job and its pods at one moment: who runs, who ended and is not counted yet, which indexes are done. Pure.

import type { Job, Pod } from "#kubernetes/api";
import { isPodActive, isPodTerminating } from "../pods/pod-state.ts";
import { allFailuresOfIndex, type BackoffRecord, failuresOfIndex, recordOutcomes } from "./backoff.ts";
import { countIndexes, hasIndex, type Intervals, parseIntervals, withIndexes } from "./intervals.ts";
import {
  finishedAtMs,
  hasLimitPerIndex,
  indexOf,
  isIndexed,
  isPodFailed,
  isTracked,
  validIndexOf,
} from "./job-pods.ts";
import { judgeFailure } from "./policies.ts";

export interface JobView {
  readonly job: Job;
  /** All it owns. */
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  /** Counted pods, ended ones that are being counted, and those still to be counted. */
  readonly succeeded: number;
  readonly failed: number;
  readonly indexes?: IndexView;
  /** The record with the newly ended pods in it. */
  readonly backoff: BackoffRecord;
  readonly nowMs: number;
}

export interface IndexView {
  /** As in the status. */
  readonly counted: Intervals;
  /** With those that succeeded since. */
  readonly succeeded: Intervals;
  /** Only where there is a limit per index. */
  readonly failed?: Intervals;
  /** Per index, the failed pod that must stay until another takes its failure count over. */
  readonly lastFailed: ReadonlyMap<number, Pod>;
}

export function viewJob(job: Job, pods: readonly Pod[], backoff: BackoffRecord, nowMs: number): JobView {
  const { status = {} } = job;
  const active = pods.filter(isPodActive);
  const counting = status.uncountedTerminatedPods ?? {};
  const isNew = (pod: Pod, being: readonly string[] = []) =>
    isTracked(pod) &&
    !being.includes(pod.metadata.uid ?? "") &&
    (!isIndexed(job) || validIndexOf(pod, job) !== undefined);
  const newSucceeded = pods.filter((pod) => pod.status?.phase === "Succeeded" && isNew(pod, counting.succeeded));
  const newFailed = pods.filter((pod) => isPodFailed(pod, job) && isNew(pod, counting.failed));
  const countedFailed = newFailed.filter((pod) => judgeFailure(pod, job).counts).length;
  const indexes = isIndexed(job) ? viewIndexes(job, pods, active) : undefined;
  return {
    job,
    pods,
    active,
    terminating: pods.filter(isPodTerminating),
    succeeded: indexes
      ? countIndexes(indexes.succeeded)
      : (status.succeeded ?? 0) + newSucceeded.length + (counting.succeeded?.length ?? 0),
    failed: (status.failed ?? 0) + countedFailed + (counting.failed?.length ?? 0),
    ...(indexes && { indexes }),
    backoff: recordOutcomes(backoff, { succeeded: newSucceeded, failed: newFailed }),
    nowMs,
  };
}

function viewIndexes(job: Job, pods: readonly Pod[], active: readonly Pod[]): IndexView {
  const { completions = 0 } = job.spec ?? {};
  const tracked = pods.filter((pod) => isTracked(pod) && validIndexOf(pod, job) !== undefined);
  const counted = parseIntervals(job.status?.completedIndexes, completions);
  const succeededPods = tracked.filter((pod) => pod.status?.phase === "Succeeded");
  const succeeded = withIndexes(counted, indexesOf(succeededPods));
  if (!hasLimitPerIndex(job)) return { counted, succeeded, lastFailed: new Map() };
  const failedBefore = parseIntervals(job.status?.failedIndexes, completions);
  const failed = withIndexes(failedBefore, indexesOf(tracked.filter((pod) => isIndexFailed(pod, job))));
  const done = withIndexes(succeeded, indexesOf(active));
  const lastFailed = new Map<number, Pod>();
  for (const pod of tracked) {
    const index = indexOf(pod)!;
    if (!isPodFailed(pod, job) || hasIndex(done, index) || hasIndex(failed, index)) continue;
    const known = lastFailed.get(index);
    if (!known || isLater(pod, known)) lastFailed.set(index, pod);
  }
  return { counted, succeeded, failed, lastFailed };
}

/** The index has failed for good. */
function isIndexFailed(pod: Pod, job: Job): boolean {
  if (!isPodFailed(pod, job)) return false;
  const { action, counts } = judgeFailure(pod, job);
  if (action === "FailIndex") return true;
  return counts && failuresOfIndex(pod) >= (job.spec?.backoffLimitPerIndex ?? 0);
}

function isLater(pod: Pod, known: Pod): boolean {
  return allFailuresOfIndex(known) <= allFailuresOfIndex(pod) && finishedAtMs(pod) >= finishedAtMs(known);
}

/** The indexes of pods that have one. */
export function indexesOf(pods: readonly Pod[]): number[] {
  return [...new Set(pods.map(indexOf).filter((index) => index !== undefined))];
}
