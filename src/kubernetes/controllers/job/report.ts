// What is told of a Job to whoever collects metrics: its syncs, the pods that were made for it, and what was counted.

import type { Job, JobStatus } from "#kubernetes/api";
import type { JobMetrics, JobSync } from "../controller-metrics.ts";
import { countIndexes, parseIntervals } from "./intervals.ts";
import { hasLimitPerIndex, isIndexed } from "./job-pods.ts";
import type { JobView } from "./view.ts";

export function modeOf(job: Job): string {
  return job.spec?.completionMode ?? "NonIndexed";
}

/** Times a sync; the answer is called when it has ended. */
export function beginSync(
  job: Job,
  metrics: JobMetrics,
): (result: JobSync["result"], action: JobSync["action"]) => void {
  const start = performance.now();
  return (result, action) =>
    metrics.synced({ mode: modeOf(job), result, action, seconds: (performance.now() - start) / 1000 });
}

/** The status of a Job has been written. */
export function reportCounted(job: Job, status: JobStatus, metrics: JobMetrics): void {
  const { status: before = {} } = job;
  const indexed = isIndexed(job);
  const succeeded = indexed
    ? countOf(job, status.completedIndexes) - countOf(job, before.completedIndexes)
    : (status.succeeded ?? 0) - (before.succeeded ?? 0);
  const failed = (status.failed ?? 0) - (before.failed ?? 0);
  if (succeeded > 0) metrics.podsCounted(modeOf(job), "succeeded", succeeded);
  if (failed > 0) metrics.podsCounted(modeOf(job), "failed", failed);
  if (!indexed) return;
  const limit = hasLimitPerIndex(job) ? "perIndex" : "global";
  const failedIndexes = countOf(job, status.failedIndexes) - countOf(job, before.failedIndexes);
  if (succeeded > 0) metrics.indexesCounted(limit, "succeeded", succeeded);
  if (failedIndexes > 0) metrics.indexesCounted(limit, "failed", failedIndexes);
}

function countOf(job: Job, indexes: string | undefined): number {
  return countIndexes(parseIntervals(indexes, job.spec?.completions ?? 0));
}

interface Created {
  readonly succeeded: number;
  readonly failed: number;
}

/** `view`: as it was when the pods were found missing. */
export function reportCreated(view: JobView, { succeeded, failed }: Created, metrics: JobMetrics): void {
  const reason = reasonOf(view);
  if (succeeded > 0) metrics.podsCreated(reason, "succeeded", succeeded);
  if (failed > 0) metrics.podsCreated(reason, "failed", failed);
}

function reasonOf({ job, failed, terminating }: JobView): string {
  if (failed > 0 && job.spec?.podReplacementPolicy === "Failed") return "recreate_failed";
  return failed > 0 || terminating.length > 0 ? "recreate_terminating_or_failed" : "new";
}
