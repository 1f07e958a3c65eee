// The parts of a Job's status that tell of the present: start, suspension, and how many pods are there. Pure.

import type { Job, JobStatus } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { isPodReady } from "../pods/pod-state.ts";
import { isSuspended } from "./job-pods.ts";
import type { JobView } from "./view.ts";

/** The Job with the time of its first start. */
export function withStartTime(job: Job, nowMs: number): Job {
  if (job.status?.startTime !== undefined || isSuspended(job)) return job;
  return { ...job, status: { ...job.status, startTime: formatTime(nowMs) } };
}

export interface Suspension {
  readonly status: JobStatus;
  /** The event that tells people; undefined where nothing has changed. */
  readonly event?: { readonly reason: string; readonly message: string };
}

/** Notes that the Job was suspended, or goes on; the clock of its deadline starts anew then. */
export function noteSuspension(job: Job, status: JobStatus, nowMs: number): Suspension {
  const now = formatTime(nowMs);
  const conditions = status.conditions ?? [];
  const old = conditions.find(({ type }) => type === "Suspended");
  const wished = isSuspended(job) ? "True" : "False";
  if ((old?.status ?? "False") === wished) return { status };
  const [reason, message] = wished === "True" ? ["JobSuspended", "Job suspended"] : ["JobResumed", "Job resumed"];
  const condition = { type: "Suspended", status: wished, lastProbeTime: now, lastTransitionTime: now, reason, message };
  const position = old ? conditions.indexOf(old) : conditions.length;
  const { startTime: _, ...rest } = status;
  return {
    status: {
      ...rest,
      ...(wished === "False" && { startTime: now }),
      conditions: [...conditions.slice(0, position), condition, ...conditions.slice(position + 1)],
    },
    event: { reason: reason.slice("Job".length), message },
  };
}

/** The counts of pods that are there now. */
export function withPresent(status: JobStatus, { active, terminating }: JobView): JobStatus {
  return {
    ...status,
    active: active.length,
    ready: active.filter(isPodReady).length,
    terminating: terminating.length,
  };
}

/** As upstream writes it: counts of 0 and empty lists of indexes are left out. */
export function pruneStatus(status: JobStatus): JobStatus {
  const { active, succeeded, failed, completedIndexes, ...rest } = status;
  return {
    ...rest,
    ...(active && { active }),
    ...(succeeded && { succeeded }),
    ...(failed && { failed }),
    ...(completedIndexes && { completedIndexes }),
  };
}
