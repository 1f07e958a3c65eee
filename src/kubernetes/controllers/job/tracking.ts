// Counts pods that have ended, so that none is lost or counted twice: first their uids are written into the status, then their
// finalizers go, then they become numbers. Pure.

import type { Job, JobStatus, Pod } from "#kubernetes/api";
import { formatIntervals, hasIndex, withIndexes } from "./intervals.ts";
import { hasLimitPerIndex, indexOf, isIndexed, isPodFailed, isTracked, validIndexOf } from "./job-pods.ts";
import { judgeFailure } from "./policies.ts";
import { conditionOf, type End } from "./verdict.ts";
import type { JobView } from "./view.ts";

/** More uids at once would make the status too large. */
const mostUncounted = 500;

export interface TrackingPlan {
  /** To be written before the finalizers go. */
  readonly status: JobStatus;
  readonly untrack: readonly Pod[];
  /** Not all could be counted this time. */
  readonly isPartial: boolean;
}

/** `status` is the status so far; `end` the end the Job comes to, if any. */
export function planTracking(view: JobView, status: JobStatus, end: End | undefined): TrackingPlan {
  const { job } = view;
  const counter = new Counter(view, settleUncounted(status, view.pods), end);
  let isPartial = false;
  for (const pod of byIndex(view.pods, job)) {
    if (!isTracked(pod) || !isCountable(pod, view, end)) continue;
    counter.add(pod);
    if (counter.size >= mostUncounted) {
      isPartial = true;
      break;
    }
  }
  return { status: announce(counter.finish(), end, view.nowMs), untrack: counter.untrack, isPartial };
}

/** Collects the pods of one look. */
class Counter {
  readonly untrack: Pod[] = [];
  readonly #view: JobView;
  readonly #status: JobStatus;
  readonly #end: End | undefined;
  readonly #succeeded: string[];
  readonly #failed: string[];
  readonly #newIndexes: number[] = [];

  constructor(view: JobView, status: JobStatus, end: End | undefined) {
    this.#view = view;
    this.#status = status;
    this.#end = end;
    this.#succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])];
    this.#failed = [...(status.uncountedTerminatedPods?.failed ?? [])];
  }

  get size(): number {
    return this.#newIndexes.length + this.#succeeded.length + this.#failed.length;
  }

  add(pod: Pod): void {
    this.untrack.push(pod);
    const { uid = "" } = pod.metadata;
    if (pod.status?.phase === "Succeeded" && !this.#failed.includes(uid)) this.#addSucceeded(pod, uid);
    else if (this.#isFailure(pod) && !this.#failed.includes(uid)) this.#failed.push(uid);
  }

  /** Of indexed Jobs the index itself keeps a pod from being counted twice. */
  #addSucceeded(pod: Pod, uid: string): void {
    const { job, indexes } = this.#view;
    if (!indexes) {
      if (!this.#succeeded.includes(uid)) this.#succeeded.push(uid);
      return;
    }
    const index = validIndexOf(pod, job);
    if (index !== undefined && !hasIndex(indexes.counted, index)) this.#newIndexes.push(index);
  }

  /** When the Job has failed, so have all its pods that did not succeed. */
  #isFailure(pod: Pod): boolean {
    const { job } = this.#view;
    const hasJobFailed = this.#end !== undefined && this.#end.type !== "SuccessCriteriaMet";
    if (!isPodFailed(pod, job) && !hasJobFailed) return false;
    if (isIndexed(job) && validIndexOf(pod, job) === undefined) return false;
    return judgeFailure(pod, job).counts;
  }

  finish(): JobStatus {
    const { job, indexes } = this.#view;
    const uncountedTerminatedPods = uncountedOf(this.#succeeded, this.#failed);
    if (!indexes) return { ...this.#status, uncountedTerminatedPods };
    const completed = withIndexes(indexes.counted, this.#newIndexes);
    const succeeded = completed.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    return {
      ...this.#status,
      uncountedTerminatedPods,
      succeeded,
      completedIndexes: formatIntervals(completed),
      ...(hasLimitPerIndex(job) && { failedIndexes: formatIntervals(indexes.failed ?? []) }),
    };
  }
}

/** A pod whose failure count another must take over yet stays. */
function isCountable(pod: Pod, { job, indexes }: JobView, end: End | undefined): boolean {
  if (job.metadata.deletionTimestamp || end || pod.status?.phase === "Succeeded") return true;
  if (!isPodFailed(pod, job)) return false;
  return indexes?.lastFailed.get(indexOf(pod) ?? -1)?.metadata.uid !== pod.metadata.uid;
}

function byIndex(pods: readonly Pod[], job: Job): readonly Pod[] {
  return isIndexed(job) ? pods.toSorted((a, b) => (indexOf(a) ?? -1) - (indexOf(b) ?? -1)) : pods;
}

/** Announces the end in the conditions before anything is let go of. */
function announce(status: JobStatus, end: End | undefined, nowMs: number): JobStatus {
  if (end?.type !== "FailureTarget" && end?.type !== "SuccessCriteriaMet") return status;
  if (status.conditions?.some(({ type }) => type === end.type)) return status;
  return { ...status, conditions: [...(status.conditions ?? []), conditionOf(end, nowMs)] };
}

/** Turns uids into numbers where the finalizers have gone. `pods` are all there are now. */
export function settleUncounted(status: JobStatus, pods: readonly Pod[]): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const tracked = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid));
  const stillSucceeded = succeeded.filter((uid) => tracked.has(uid));
  const stillFailed = failed.filter((uid) => tracked.has(uid));
  return {
    ...status,
    succeeded: (status.succeeded ?? 0) + succeeded.length - stillSucceeded.length,
    failed: (status.failed ?? 0) + failed.length - stillFailed.length,
    uncountedTerminatedPods: uncountedOf(stillSucceeded, stillFailed),
  };
}

function uncountedOf(succeeded: string[], failed: string[]): NonNullable<JobStatus["uncountedTerminatedPods"]> {
  return { ...(succeeded.length > 0 && { succeeded }), ...(failed.length > 0 && { failed }) };
}

/** The status of the finished Job; undefined while pods are still being counted or terminating. */
export function planFinish(status: JobStatus, end: End, nowMs: number): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0 || (status.terminating ?? 0) > 0) return undefined;
  const condition = conditionOf(finalEnd(end), nowMs);
  const others = (status.conditions ?? []).filter(({ type }) => type !== condition.type);
  const completion = condition.type === "Complete" ? { completionTime: condition.lastTransitionTime! } : {};
  return { ...status, ...completion, conditions: [...others, condition] };
}

/** What an announced end becomes. */
export function finalEnd({ type, reason, message }: End): End {
  const isSuccess = type === "SuccessCriteriaMet" || type === "Complete";
  return { type: isSuccess ? "Complete" : "Failed", reason, message };
}
