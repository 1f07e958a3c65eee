// Which pods a Job that goes on should create or remove now. Pure.

import type { Job, Pod } from "#kubernetes/api";
import { orderByProgress } from "../pods/deletion-order.ts";
import { remainingMs, remainingMsOfIndex } from "./backoff.ts";
import { firstFree, mergeIntervals, withIndexes } from "./intervals.ts";
import { hasLimitPerIndex, indexOf, isIndexed, isSuspended, replacesFailedOnly } from "./job-pods.ts";
import { indexesOf, type JobView } from "./view.ts";

export interface JobPlan {
  /** Removed without counting as failed. */
  readonly remove: readonly Pod[];
  /** One entry per pod to create: its index, or undefined where pods have none. */
  readonly create: readonly (number | undefined)[];
  /** When pods may be created that may not yet. */
  readonly waitMs: number | undefined;
}

const nothing: JobPlan = { remove: [], create: [], waitMs: undefined };

export function planJobPods(view: JobView): JobPlan {
  const { job, active } = view;
  if (isSuspended(job)) return { ...nothing, remove: choosePods(job, active, active.length) };
  const wanted = wantedActive(view);
  const remove = choosePods(job, active, Math.max(0, active.length - wanted));
  if (remove.length > 0) return { ...nothing, remove };
  const terminating = replacesFailedOnly(job) ? view.terminating.length : 0;
  const missing = wanted - terminating - active.length;
  return missing > 0 ? planCreation(view, missing) : nothing;
}

function wantedActive({ job, active, succeeded }: JobView): number {
  const { completions, parallelism = 1 } = job.spec ?? {};
  // Without a number to reach, one success is enough, and those that still run are left to finish.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

function planCreation(view: JobView, missing: number): JobPlan {
  const { job, backoff, nowMs } = view;
  if (!hasLimitPerIndex(job)) {
    const waitMs = remainingMs(backoff, nowMs);
    if (waitMs > 0) return { ...nothing, waitMs };
  }
  if (!isIndexed(job)) return { ...nothing, create: Array.from({ length: missing }, () => undefined) };
  const free = pendingIndexes(view, missing);
  if (!hasLimitPerIndex(job)) return { ...nothing, create: free };
  const waits = free.map((index) => remainingMsOfIndex(view.indexes?.lastFailed.get(index), nowMs));
  const ready = free.filter((_, position) => waits[position] === 0);
  if (ready.length > 0 || free.length === 0) return { ...nothing, create: ready };
  return { ...nothing, waitMs: Math.min(...waits) };
}

/** The first indexes nobody works on or has finished. */
function pendingIndexes({ job, active, terminating, indexes }: JobView, count: number): number[] {
  let taken = withIndexes(indexes?.succeeded ?? [], indexesOf(active));
  if (replacesFailedOnly(job)) taken = withIndexes(taken, indexesOf(terminating));
  if (indexes?.failed) taken = mergeIntervals(taken, indexes.failed);
  return firstFree(taken, count, job.spec?.completions ?? 0);
}

/** At least `atLeast` pods to remove: those with a wrong index or one that another has too, then the least useful. */
function choosePods(job: Job, active: readonly Pod[], atLeast: number): Pod[] {
  if (!isIndexed(job)) return orderByProgress(active).slice(0, atLeast);
  const { completions = 0 } = job.spec ?? {};
  const groups = Map.groupBy(active, (pod) => {
    const index = indexOf(pod);
    return index !== undefined && index < completions ? index : undefined;
  });
  const remove = [...(groups.get(undefined) ?? [])];
  groups.delete(undefined);
  const left: Pod[] = [];
  for (const group of groups.values()) {
    const ordered = orderByProgress(group);
    left.push(ordered.pop()!);
    remove.push(...ordered);
  }
  return [...remove, ...orderByProgress(left).slice(0, Math.max(0, atLeast - remove.length))];
}
