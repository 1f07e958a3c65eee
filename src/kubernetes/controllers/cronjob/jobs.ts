// A CronJob's Jobs: which it forgot or has seen end, which are too many, and what a new one looks like. Pure.

import { type CronJob, formatOffset, type Job, type ObjectReference, resources, wallClock } from "#kubernetes/api";
import { referenceTo } from "#kubernetes/runtime";
import { isJobFinished } from "../job/job-pods.ts";
import { controllerReference } from "../ownership/owner-references.ts";

const scheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export interface Review {
  readonly active: readonly ObjectReference[];
  readonly lastSuccessfulTime: string | undefined;
  /** Jobs that ended since, with how. */
  readonly completed: readonly { readonly job: Job; readonly condition: string }[];
  /** Jobs that run and are not in the status. */
  readonly unexpected: readonly Job[];
}

/** Compares the Jobs there are with the status. */
export function reviewJobs({ status = {} }: CronJob, jobs: readonly Job[]): Review {
  const isListed = (job: Job) => status.active?.some(({ uid }) => uid === job.metadata.uid) ?? false;
  const finished = jobs.filter(isJobFinished);
  const completed = finished.filter(isListed).map((job) => ({ job, condition: endOf(job) }));
  const ended = new Set(finished.map(({ metadata }) => metadata.uid));
  let lastSuccessfulTime = status.lastSuccessfulTime;
  for (const { status: jobStatus } of finished.filter((job) => endOf(job) === "Complete")) {
    const time = jobStatus?.completionTime;
    if (time !== undefined && time > (lastSuccessfulTime ?? "")) lastSuccessfulTime = time;
  }
  return {
    active: (status.active ?? []).filter(({ uid }) => !ended.has(uid)),
    lastSuccessfulTime,
    completed,
    unexpected: jobs.filter((job) => !isListed(job) && !isJobFinished(job)),
  };
}

function endOf({ status }: Job): string {
  const end = status?.conditions?.find(
    (condition) => (condition.type === "Complete" || condition.type === "Failed") && condition.status === "True",
  );
  return end?.type ?? "";
}

/** The oldest of the ended Jobs, beyond the numbers to keep. */
export function findOldJobs({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const excess = (end: string, limit: number | undefined) => {
    const ended = jobs.filter((job) => endOf(job) === end).sort(compareByStart);
    return limit === undefined ? [] : ended.slice(0, Math.max(0, ended.length - limit));
  };
  return [...excess("Complete", spec?.successfulJobsHistoryLimit), ...excess("Failed", spec?.failedJobsHistoryLimit)];
}

/** Those that never started come last. */
function compareByStart(a: Job, b: Job): number {
  const [startA, startB] = [a.status?.startTime ?? "\uffff", b.status?.startTime ?? "\uffff"];
  if (startA !== startB) return startA < startB ? -1 : 1;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}

/** The same for the same start, so that no start is made twice. */
export function jobName({ metadata }: CronJob, startMs: number): string {
  return `${metadata.name}-${Math.floor(startMs / 60_000)}`;
}

export function newJob(cronJob: CronJob, startMs: number): Job {
  const { metadata, spec } = cronJob.spec!.jobTemplate;
  return {
    metadata: {
      name: jobName(cronJob, startMs),
      namespace: cronJob.metadata.namespace ?? "",
      ...(metadata?.labels && { labels: { ...metadata.labels } }),
      annotations: { ...metadata?.annotations, [scheduledAnnotation]: formatLocal(startMs, cronJob.spec?.timeZone) },
      ownerReferences: [controllerReference(resources.cronJobs, cronJob)],
    },
    ...(spec && { spec: structuredClone(spec) }),
  };
}

function formatLocal(ms: number, timeZone = "UTC"): string {
  return `${wallClock(ms, timeZone).toISOString().slice(0, 19)}${formatOffset(ms, timeZone)}`;
}

export function activeReference(job: Job): ObjectReference {
  return referenceTo(resources.jobs, job);
}
