// Whether a Job has come to its end, and which. Pure.

import type { Job, JobCondition } from "#kubernetes/api";
import { formatTime, parseTime } from "#kubernetes/runtime";
import { countIndexes } from "./intervals.ts";
import { isPodFailed, isSuspended } from "./job-pods.ts";
import { judgeFailure, matchSuccessPolicy } from "./policies.ts";
import type { JobView } from "./view.ts";

export type EndType = "FailureTarget" | "SuccessCriteriaMet" | "Failed" | "Complete";

/** The end a Job comes to. FailureTarget and SuccessCriteriaMet announce it, while pods are still being removed and counted. */
export interface End {
  readonly type: EndType;
  readonly reason: string;
  readonly message: string;
}

export function conditionOf({ type, reason, message }: End, nowMs: number): JobCondition {
  const now = formatTime(nowMs);
  return { type, status: "True", lastProbeTime: now, lastTransitionTime: now, reason, message };
}

/** The end, as far as it does not depend on the last pod having gone; undefined while the Job goes on. */
export function findEnd(view: JobView): End | undefined {
  return findAnnouncedEnd(view.job) ?? findFailure(view) ?? findIndexFailure(view) ?? findSuccess(view);
}

/** What an earlier look has decided stays decided. */
function findAnnouncedEnd({ status }: Job): End | undefined {
  const find = (type: EndType) =>
    status?.conditions?.find((condition) => condition.type === type && condition.status === "True");
  const success = find("SuccessCriteriaMet");
  if (success) return { type: "SuccessCriteriaMet", reason: success.reason ?? "", message: success.message ?? "" };
  const failure = find("FailureTarget");
  return failure && { type: "Failed", reason: failure.reason ?? "", message: failure.message ?? "" };
}

function findFailure(view: JobView): End | undefined {
  const { job, pods } = view;
  const fail = (reason: string, message: string): End => ({ type: "FailureTarget", reason, message });
  for (const pod of pods) {
    if (!isPodFailed(pod, job)) continue;
    const { message } = judgeFailure(pod, job);
    if (message !== undefined) return fail("PodFailurePolicy", message);
  }
  if (view.failed > (job.spec?.backoffLimit ?? 6) || hasRestartedTooOften(view)) {
    return fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  }
  if (msUntilDeadline(view) === 0) return fail("DeadlineExceeded", "Job was active longer than specified deadline");
  return undefined;
}

/** Containers restarted in place count too, where the template says OnFailure. */
function hasRestartedTooOften({ job, pods }: JobView): boolean {
  const { template, backoffLimit = 6 } = job.spec!;
  if (template.spec?.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== "Running" && status?.phase !== "Pending") continue;
    for (const { restartCount } of status.initContainerStatuses ?? []) restarts += restartCount;
    for (const { restartCount } of status.containerStatuses ?? []) restarts += restartCount;
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

/** 0 when the deadline is over; undefined where there is none, or the Job is suspended. */
export function msUntilDeadline({ job, nowMs }: JobView): number | undefined {
  const { activeDeadlineSeconds } = job.spec ?? {};
  const startedAt = parseTime(job.status?.startTime);
  if (activeDeadlineSeconds === undefined || startedAt === undefined || isSuspended(job)) return undefined;
  return Math.max(0, startedAt + activeDeadlineSeconds * 1000 - nowMs);
}

function findIndexFailure({ job, indexes }: JobView): End | undefined {
  const failed = countIndexes(indexes?.failed ?? []);
  if (!indexes || failed === 0) return undefined;
  const { completions = 0, maxFailedIndexes } = job.spec ?? {};
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = "Job has exceeded the specified maximal number of failed indexes";
    return { type: "FailureTarget", reason: "MaxFailedIndexesExceeded", message };
  }
  if (failed + countIndexes(indexes.succeeded) < completions) return undefined;
  return { type: "FailureTarget", reason: "FailedIndexes", message: "Job has failed indexes" };
}

function findSuccess({ job, indexes }: JobView): End | undefined {
  const message = indexes && matchSuccessPolicy(job, indexes.succeeded);
  return message === undefined ? undefined : { type: "SuccessCriteriaMet", reason: "SuccessPolicy", message };
}

/** The usual end: enough pods have succeeded and none is running. */
export function findCompletion({ job, succeeded, active }: JobView): End | undefined {
  const { completions } = job.spec ?? {};
  const isEnough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!isEnough || active.length > 0) return undefined;
  const message = "Reached expected number of succeeded pods";
  return { type: "SuccessCriteriaMet", reason: "CompletionsReached", message };
}
