// How long a finished Job may still stay. Pure.

import type { Job } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";

/** Negative when it should be gone; undefined where the Job has no time to live, has not finished, or is being deleted. */
export function msToLive(job: Job | undefined, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished } = job?.spec ?? {};
  if (!job || ttlSecondsAfterFinished === undefined || job.metadata.deletionTimestamp) return undefined;
  const end = job.status?.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  const finishedAt = parseTime(end?.lastTransitionTime);
  return finishedAt === undefined ? undefined : finishedAt + ttlSecondsAfterFinished * 1000 - nowMs;
}
