// Starts the Job that is due, unless another still runs that must not be disturbed.

import {
  type CronJob,
  isAlreadyExists,
  isNotFound,
  type Job,
  keyOf,
  type ObjectReference,
  resources,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { type EventRecorder, formatTime, referenceTo } from "#kubernetes/runtime";
import type { ControllerMetrics } from "../controller-metrics.ts";
import type { OwnWrites } from "../own-writes.ts";
import { isControlledBy } from "../ownership/owner-references.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { activeReference, jobName, newJob } from "./jobs.ts";

export interface CronHands {
  readonly client: Client;
  readonly cronJobs: Informer<CronJob>;
  readonly jobs: Informer<Job>;
  readonly events: EventRecorder;
  readonly metrics: ControllerMetrics;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

/** What is running, and when the last start was. */
export interface Running {
  readonly active: readonly ObjectReference[];
  readonly lastScheduleTime: string | undefined;
}

/** Answers what runs afterwards. Throws what the server says, after an event about it. */
export async function startJob(
  cronJob: CronJob,
  startMs: number,
  running: Running,
  hands: CronHands,
): Promise<Running> {
  const { concurrencyPolicy } = cronJob.spec ?? {};
  const startTime = formatTime(startMs);
  const name = jobName(cronJob, startMs);
  if (running.lastScheduleTime === startTime || running.active.some((job) => job.name === name)) return running;
  if (concurrencyPolicy === "Forbid" && running.active.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    hands.events.normal(referenceTo(resources.cronJobs, cronJob), "JobAlreadyActive", message);
    return running;
  }
  let { active } = running;
  if (concurrencyPolicy === "Replace") {
    for (const { namespace, name: old = "" } of active) await replaceJob(cronJob, { namespace, name: old }, hands);
    active = [];
  }
  const job = await createJob(cronJob, startMs, hands);
  if (!job || active.some(({ uid }) => uid === job.metadata.uid)) return { ...running, active };
  return { active: [...active, activeReference(job)], lastScheduleTime: startTime };
}

async function replaceJob(cronJob: CronJob, key: { namespace?: string | undefined; name: string }, hands: CronHands) {
  const { client, events, signal } = hands;
  let job: Job;
  try {
    job = await client.get(resources.jobs, key, { signal });
  } catch (error) {
    const message = `Get job: ${(error as Error).message}`;
    events.warning(referenceTo(resources.cronJobs, cronJob), "FailedGet", message);
    throw error;
  }
  if (!(await deleteJob(cronJob, job, hands))) throw new Error(`could not replace job ${key.namespace}/${key.name}`);
}

/** Answers false where it could not be deleted. */
export async function deleteJob(cronJob: CronJob, job: Job, hands: CronHands): Promise<boolean> {
  const { client, jobs, events, writes, signal } = hands;
  const regarding = referenceTo(resources.cronJobs, cronJob);
  try {
    const deletion = client.delete(resources.jobs, keyOf(job), { propagationPolicy: "Background", signal });
    writes.note(jobs, await deletion);
  } catch (error) {
    if (isNotFound(error)) return true;
    events.warning(regarding, "FailedDelete", `Deleted job: ${(error as Error).message}`);
    return false;
  }
  events.normal(regarding, "SuccessfulDelete", `Deleted job ${job.metadata.name}`);
  return true;
}

/** Undefined where somebody else has made a Job of that name. */
async function createJob(cronJob: CronJob, startMs: number, hands: CronHands): Promise<Job | undefined> {
  const { client, jobs, events, metrics, writes, signal } = hands;
  const regarding = referenceTo(resources.cronJobs, cronJob);
  const wished = newJob(cronJob, startMs);
  const key = keyOf(wished);
  try {
    const created = writes.note(jobs, await client.create(resources.jobs, wished, { signal }));
    metrics.cronJobStarted((Date.parse(created.metadata.creationTimestamp ?? "") - startMs) / 1000);
    events.normal(regarding, "SuccessfulCreate", `Created job ${created.metadata.name}`);
    return created;
  } catch (error) {
    // An earlier try created it, but could not note it in the status.
    if (isAlreadyExists(error)) {
      const present = await client.get(resources.jobs, key, { signal });
      return isControlledBy(present, cronJob) ? present : undefined;
    }
    if (!isNamespaceTerminating(error)) {
      events.warning(regarding, "FailedCreate", `Error creating job: ${(error as Error).message}`);
    }
    throw error;
  }
}
