// The CronJob controller: starts a Job at every time the schedule names, and keeps a few of those that have ended.

import {
  type CronJob,
  type CronSchedule,
  formatKey,
  isNotFound,
  isTimeZone,
  type Job,
  keyOf,
  type ObjectReference,
  parseCronSchedule,
  parseKey,
  resources,
} from "#kubernetes/api";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  watch,
} from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { indexByController, ownedBy } from "../ownership/owner-index.ts";
import { watchDependents } from "../ownership/watch-dependents.ts";
import { isNamespaceTerminating } from "../pods/pod-control.ts";
import { findDueTime, msUntilNextStart } from "./due-time.ts";
import { findOldJobs, reviewJobs } from "./jobs.ts";
import { type CronHands, deleteJob, type Running, startJob } from "./start-job.ts";

type Parts = Omit<CronHands, "writes" | "signal">;

interface Hands extends Parts, ReconcileContext {
  readonly writes: OwnWrites;
}

export function createCronJobController(context: ControllerContext): ControllerProcess {
  const { client, informers, clock, metrics } = context;
  const cronJobs = informers.informer(resources.cronJobs);
  const jobs = indexByController(informers.informer(resources.jobs));
  const parts: Parts = { client, cronJobs, jobs, events: context.recorder("cronjob-controller"), metrics };
  const keyOfCronJob = (cronJob: CronJob) => formatKey(keyOf(cronJob));
  return createController({
    ...context,
    name: "cronjob",
    reconcile: (key, reconcileContext) => reconcileCronJob(key, parts, reconcileContext),
    watches: [
      watch(cronJobs, (queue) => ({
        added: (cronJob) => queue.add(keyOfCronJob(cronJob)),
        updated(cronJob, old) {
          const schedule = hasOtherSchedule(cronJob, old) ? readSchedule(cronJob) : undefined;
          // A new schedule is no reason to make up for times it would have named in the past.
          if (schedule) queue.addAfter(keyOfCronJob(cronJob), msUntilNextStart(cronJob, schedule, clock.now()));
          else queue.add(keyOfCronJob(cronJob));
        },
      })),
      watchDependents(jobs, { owners: cronJobs, resource: resources.cronJobs, selectorOf: () => undefined }),
    ],
  });
}

function hasOtherSchedule({ spec }: CronJob, { spec: old }: CronJob): boolean {
  return spec?.schedule !== old?.schedule || spec?.timeZone !== old?.timeZone;
}

/** Undefined where it cannot be read. */
function readSchedule(cronJob: CronJob): CronSchedule | undefined {
  try {
    return scheduleOf(cronJob);
  } catch {
    return undefined;
  }
}

/** Without a time zone, the schedule is read by this machine's, as upstream's controller manager does. */
function scheduleOf({ spec }: CronJob): CronSchedule {
  return parseCronSchedule(spec?.schedule ?? "", spec?.timeZone ?? "Local");
}

async function reconcileCronJob(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const cronJob = parts.cronJobs.get(parseKey(key));
  if (!cronJob) return done;
  const hands: Hands = { ...parts, ...context, writes: new OwnWrites() };
  const jobs = ownedBy(parts.jobs, cronJob.metadata.uid);
  const removed = await removeOldJobs(cronJob, jobs, hands);
  const left = jobs.filter((job) => !removed.has(job.metadata.uid));
  const { lastSuccessfulTime, ...reviewed } = review(cronJob, left, hands);
  const present = await dropMissing(cronJob, { active: reviewed.active, jobs: left }, hands);

  const before: Running = { active: present, lastScheduleTime: cronJob.status?.lastScheduleTime };
  let after = before;
  let failure: unknown;
  let result: ReconcileResult = done;
  try {
    ({ running: after, result } = await startIfDue(cronJob, before, hands));
  } catch (error) {
    failure = error;
  }
  await writeOutcome(cronJob, after, lastSuccessfulTime, hands);
  await hands.writes.seen(context.signal);
  if (failure && !isNamespaceTerminating(failure)) throw failure;
  return result;
}

async function removeOldJobs(cronJob: CronJob, jobs: readonly Job[], hands: Hands): Promise<Set<string | undefined>> {
  const removed = new Set<string | undefined>();
  for (const job of findOldJobs(cronJob, jobs)) {
    if (await deleteJob(cronJob, job, hands)) removed.add(job.metadata.uid);
  }
  return removed;
}

function review(cronJob: CronJob, jobs: readonly Job[], { events }: Hands) {
  const found = reviewJobs(cronJob, jobs);
  const regarding = referenceTo(resources.cronJobs, cronJob);
  for (const { job, condition } of found.completed) {
    const message = `Saw completed job: ${job.metadata.name}, condition: ${condition}`;
    events.normal(regarding, "SawCompletedJob", message);
  }
  for (const { metadata } of found.unexpected) {
    const message = `Saw a job that the controller did not create or forgot: ${metadata.name}`;
    events.warning(regarding, "UnexpectedJob", message);
  }
  return found;
}

/** A Job that is nowhere to be found does not run; the server has the last word. */
async function dropMissing(
  cronJob: CronJob,
  { active, jobs }: { readonly active: readonly ObjectReference[]; readonly jobs: readonly Job[] },
  { client, events, signal }: Hands,
): Promise<ObjectReference[]> {
  const known = new Set(jobs.map(({ metadata }) => metadata.uid));
  const present: ObjectReference[] = [];
  for (const reference of active) {
    const { namespace, name = "" } = reference;
    const isMissing =
      !known.has(reference.uid) && (await isGone(client.get(resources.jobs, { namespace, name }, { signal })));
    if (!isMissing) present.push(reference);
    else events.normal(referenceTo(resources.cronJobs, cronJob), "MissingJob", `Active job went missing: ${name}`);
  }
  return present;
}

async function isGone(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

interface Started {
  readonly running: Running;
  readonly result: ReconcileResult;
}

async function startIfDue(cronJob: CronJob, running: Running, hands: Hands): Promise<Started> {
  const { clock, events } = hands;
  const { schedule: text = "", timeZone, suspend, startingDeadlineSeconds } = cronJob.spec ?? {};
  const regarding = referenceTo(resources.cronJobs, cronJob);
  const rest: Started = { running, result: done };
  if (cronJob.metadata.deletionTimestamp) return rest;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    events.warning(
      regarding,
      "UnknownTimeZone",
      `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`,
    );
    return rest;
  }
  if (suspend) return rest;
  if (text.includes("TZ")) {
    const message = `CRON_TZ or TZ used in schedule ${JSON.stringify(text)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`;
    events.warning(regarding, "UnsupportedSchedule", message);
  }
  let schedule: CronSchedule;
  try {
    schedule = scheduleOf(cronJob);
  } catch (error) {
    const message = `unparseable schedule: ${JSON.stringify(text)} : ${(error as Error).message}`;
    events.warning(regarding, "UnparseableSchedule", message);
    return rest;
  }
  const nowMs = clock.now();
  const next = (after: Running): Started => ({
    running: after,
    result: requeueAfter(msUntilNextStart({ ...cronJob, status: statusOf(after) }, schedule, nowMs)),
  });
  let due: ReturnType<typeof findDueTime>;
  try {
    due = findDueTime(cronJob, schedule, nowMs);
  } catch (error) {
    events.warning(regarding, "InvalidSchedule", `invalid schedule: ${text} : ${(error as Error).message}`);
    return rest;
  }
  if (due.dueMs === undefined) return next(running);
  if (due.missed === "many") {
    const message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
    events.warning(regarding, "TooManyMissedTimes", message);
  }
  if (startingDeadlineSeconds !== undefined && due.dueMs + startingDeadlineSeconds * 1000 < nowMs) {
    const time = new Date(due.dueMs).toUTCString().replace("GMT", "+0000");
    events.warning(regarding, "MissSchedule", `Missed scheduled time to start a job: ${time}`);
    return next(running);
  }
  return next(await startJob(cronJob, due.dueMs, running, hands));
}

function statusOf({ active, lastScheduleTime }: Running): NonNullable<CronJob["status"]> {
  return { active: [...active], ...(lastScheduleTime !== undefined && { lastScheduleTime }) };
}

async function writeOutcome(
  cronJob: CronJob,
  running: Running,
  lastSuccessfulTime: string | undefined,
  { client, cronJobs, writes, signal }: Hands,
): Promise<void> {
  const { active, ...times } = statusOf(running);
  const status = {
    ...(active && active.length > 0 && { active }),
    ...times,
    ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }),
  };
  if (isSameJson(cronJob.status, status)) return;
  const options = { subresource: "status", signal };
  writes.note(cronJobs, await client.update(resources.cronJobs, { ...cronJob, status }, options));
}
