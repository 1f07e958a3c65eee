// How long a Job waits before it replaces failed pods: 10 s, doubled for each failure in a row, at most 10 minutes. Pure.

import type { Job, Pod } from "#kubernetes/api";
import { finishedAtMs } from "./job-pods.ts";
import { judgeFailure } from "./policies.ts";

const firstMs = 10_000;
const mostMs = 600_000;
const failureCountAnnotation = "batch.kubernetes.io/job-index-failure-count";
const ignoredCountAnnotation = "batch.kubernetes.io/job-index-ignored-failure-count";

/** Remembered per Job between reconciles. */
export interface BackoffRecord {
  readonly failuresInARow: number;
  readonly lastFailureMs: number;
}

export const noFailures: BackoffRecord = { failuresInARow: 0, lastFailureMs: 0 };

/** The record after these pods, which were not counted yet, have ended. */
export function recordOutcomes(
  record: BackoffRecord,
  { succeeded, failed }: { readonly succeeded: readonly Pod[]; readonly failed: readonly Pod[] },
): BackoffRecord {
  const failures = failed.map(finishedAtMs);
  if (succeeded.length === 0) {
    if (failures.length === 0) return record;
    return { failuresInARow: record.failuresInARow + failures.length, lastFailureMs: Math.max(...failures) };
  }
  const lastSuccessMs = Math.max(...succeeded.map(finishedAtMs));
  const since = failures.filter((ms) => ms > lastSuccessMs);
  return since.length === 0 ? noFailures : { failuresInARow: since.length, lastFailureMs: Math.max(...since) };
}

export function remainingMs({ failuresInARow, lastFailureMs }: BackoffRecord, nowMs: number): number {
  if (failuresInARow === 0) return 0;
  const delayMs = Math.min(firstMs * 2 ** (failuresInARow - 1), mostMs);
  return Math.max(0, lastFailureMs + delayMs - nowMs);
}

/** The wait for one index, by the pod that failed last at it. */
export function remainingMsOfIndex(lastFailed: Pod | undefined, nowMs: number): number {
  if (!lastFailed) return 0;
  const failuresInARow = allFailuresOfIndex(lastFailed) + 1;
  return remainingMs({ failuresInARow, lastFailureMs: finishedAtMs(lastFailed) }, nowMs);
}

/** How often pods of this index had failed before this one, as far as failures count. */
export function failuresOfIndex(pod: Pod): number {
  return readCount(pod, failureCountAnnotation);
}

export function allFailuresOfIndex(pod: Pod): number {
  return failuresOfIndex(pod) + readCount(pod, ignoredCountAnnotation);
}

/** The annotations of the pod that replaces a failed one: the counts go on from pod to pod. */
export function failureCountAnnotations(replaced: Pod | undefined, job: Job): Record<string, string> {
  if (!replaced) return { [failureCountAnnotation]: "0" };
  const { counts } = judgeFailure(replaced, job);
  const ignored = readCount(replaced, ignoredCountAnnotation) + (counts ? 0 : 1);
  return {
    [failureCountAnnotation]: String(failuresOfIndex(replaced) + (counts ? 1 : 0)),
    ...(ignored > 0 && { [ignoredCountAnnotation]: String(ignored) }),
  };
}

function readCount({ metadata }: Pod, annotation: string): number {
  const text = metadata.annotations?.[annotation] ?? "";
  const count = /^\+?\d+$/.test(text) ? Number(text) : 0;
  return count < 2 ** 31 ? count : 0;
}
