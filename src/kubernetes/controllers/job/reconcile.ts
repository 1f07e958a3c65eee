// The Job controller: runs pods until enough have succeeded or too many have failed, and counts each exactly once.

import { type Job, type JobStatus, type Pod, parseKey, resources } from "#kubernetes/api";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  watchOwn,
} from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import { type ControllerContext, type ControllerProcess, combineProcesses } from "../controller-definition.ts";
import type { JobSync } from "../controller-metrics.ts";
import { OwnWrites } from "../own-writes.ts";
import { claimObjects } from "../ownership/claim-objects.ts";
import { indexByController, orphansIn, ownedBy } from "../ownership/owner-index.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import { compileSelector, matchesLabels } from "../ownership/selectors.ts";
import { watchDependents } from "../ownership/watch-dependents.ts";
import { type BackoffRecord, noFailures } from "./backoff.ts";
import { isJobFinished, isManagedElsewhere, trackingFinalizer } from "./job-pods.ts";
import { createOrphanPodController } from "./orphan-pods.ts";
import { planJobPods } from "./plan.ts";
import { beginSync, modeOf, reportCounted } from "./report.ts";
import { noteSuspension, pruneStatus, withPresent, withStartTime } from "./status.ts";
import { createPods, deletePods, discardPods, type JobHands, untrackPods } from "./sync-pods.ts";
import { finalEnd, planFinish, planTracking, settleUncounted } from "./tracking.ts";
import { type End, findCompletion, findEnd, msUntilDeadline } from "./verdict.ts";
import { type JobView, viewJob } from "./view.ts";

const workers = 10;

type Parts = Omit<JobHands, "writes" | "signal"> & {
  /** By the Job's key; what the status does not tell of failures in a row. */
  readonly backoffs: Map<string, BackoffRecord>;
};

interface Hands extends JobHands, ReconcileContext {
  readonly key: string;
  readonly backoffs: Map<string, BackoffRecord>;
  readonly signal: AbortSignal;
}

export function createJobController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const jobs = informers.informer(resources.jobs);
  const pods = indexByController(informers.informer(resources.pods));
  const parts: Parts = {
    client,
    jobs,
    pods,
    events: context.recorder("job-controller"),
    metrics: context.metrics.jobs,
    backoffs: new Map(),
  };
  const selectorOf = (job: Job) => compileSelector(job.spec?.selector);
  const controller = createController({
    ...context,
    name: "job",
    workers,
    reconcile: (key, reconcileContext) => reconcileJob(key, parts, reconcileContext),
    watches: [watchOwn(jobs), watchDependents(pods, { owners: jobs, resource: resources.jobs, selectorOf })],
  });
  return combineProcesses(controller, createOrphanPodController(context));
}

async function reconcileJob(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const job = parts.jobs.get(parseKey(key));
  if (!job || isJobFinished(job)) parts.backoffs.delete(key);
  if (!job || isJobFinished(job) || isManagedElsewhere(job)) return done;
  const { completionMode = "NonIndexed" } = job.spec ?? {};
  if (completionMode !== "NonIndexed" && completionMode !== "Indexed") {
    const message = "Skipped Job sync because completion mode is unknown";
    parts.events.warning(referenceTo(resources.jobs, job), "UnknownCompletionMode", message);
    return done;
  }
  const hands: Hands = { ...parts, ...context, key, writes: new OwnWrites() };
  const sync: { action: JobSync["action"] } = { action: "reconciling" };
  const end = beginSync(job, parts.metrics);
  try {
    const result = await syncJob(job, sync, hands);
    end("success", sync.action);
    return result;
  } catch (error) {
    end("error", sync.action);
    throw error;
  }
}

/** `sync` is told what was done. */
async function syncJob(job: Job, sync: { action: JobSync["action"] }, hands: Hands): Promise<ReconcileResult> {
  const { events, clock, signal } = hands;
  await claimPods(job, hands);

  const started = withStartTime(job, clock.now());
  const view = observe(started, hands);
  const announced = findEnd(view);
  const outcome = announced ? await removeActive(view, announced, hands) : await managePods(view, sync, hands);
  await hands.writes.seen(signal);

  const after = observe(started, hands);
  const end = announced ? outcome.end : findCompletion(after);
  let status = withPresent(started.status ?? {}, after);
  if (!announced && !end && !job.metadata.deletionTimestamp) {
    const suspension = noteSuspension(job, status, after.nowMs);
    status = suspension.status;
    if (suspension.event) {
      const { reason, message } = suspension.event;
      events.normal(referenceTo(resources.jobs, job), reason, message);
    }
  }
  await track(job, { view: after, status, end }, hands);
  await hands.writes.seen(signal);
  if (outcome.failure) throw outcome.failure;
  const due = [outcome.waitMs, msUntilDeadline(after)].filter((ms) => ms !== undefined);
  return due.length > 0 && !end ? requeueAfter(Math.min(...due)) : done;
}

async function claimPods(job: Job, { client, pods, writes, signal }: Hands): Promise<void> {
  const { uid, namespace } = job.metadata;
  const selector = compileSelector(job.spec?.selector);
  if (!selector) throw new Error("couldn't convert Job selector");
  const claim = await claimObjects([...ownedBy(pods, uid), ...orphansIn(pods, namespace)], {
    client,
    owner: job,
    ownerResource: resources.jobs,
    reference: controllerReference(resources.jobs, job),
    resource: resources.pods,
    matches: (pod) => matchesLabels(selector, pod),
    finalizers: [trackingFinalizer],
    signal,
  });
  writes.noteVersion(pods, claim.written);
  await writes.seen(signal);
}

function observe(job: Job, { pods, backoffs, key, clock }: Hands): JobView {
  return viewJob(job, ownPods(job, pods), backoffs.get(key) ?? noFailures, clock.now());
}

function ownPods(job: Job, pods: JobHands["pods"]): Pod[] {
  const selector = compileSelector(job.spec?.selector);
  return ownedBy(pods, job.metadata.uid).filter((pod) => selector && matchesLabels(selector, pod));
}

interface Outcome {
  readonly end?: End;
  readonly failure?: unknown;
  readonly waitMs?: number | undefined;
}

/** A Job that ends takes its pods with it; if some stay, it has not ended yet. */
async function removeActive({ job, active }: JobView, end: End, hands: Hands): Promise<Outcome> {
  try {
    await deletePods(job, active, hands);
    return { end };
  } catch (failure) {
    return { failure };
  }
}

async function managePods(view: JobView, sync: { action: JobSync["action"] }, hands: Hands): Promise<Outcome> {
  if (view.job.metadata.deletionTimestamp) return {};
  const { remove, create, waitMs } = planJobPods(view);
  sync.action = create.length > 0 ? "pods_created" : remove.length > 0 ? "pods_deleted" : "tracking";
  try {
    if (remove.length > 0) await discardPods(view.job, remove, hands);
    if (create.length > 0) await createPods(view, create, hands);
    return { waitMs };
  } catch (failure) {
    return { failure };
  }
}

interface Tracked {
  readonly view: JobView;
  readonly status: JobStatus;
  readonly end: End | undefined;
}

/** Counts the pods that have ended, lets go of them, and finishes the Job when all is counted. */
async function track(job: Job, { view, status, end }: Tracked, hands: Hands): Promise<void> {
  const { pods, writes, backoffs, key, clock, signal } = hands;
  const plan = planTracking(view, status, end);
  const flushed = await flush(job, plan.status, hands);
  if (plan.untrack.length > 0 || flushed !== job) backoffs.set(key, view.backoff);
  let failure: unknown;
  try {
    await untrackPods(plan.untrack, hands);
  } catch (error) {
    failure = error;
  }
  await writes.seen(signal);
  const settled = settleUncounted(plan.status, ownPods(job, pods));
  const finished = end && !plan.isPartial && !failure ? planFinish(settled, end, clock.now()) : undefined;
  await flush(flushed, finished ?? settled, hands);
  if (failure) throw failure;
  if (finished && end) tellOfEnd(job, finished, finalEnd(end), hands);
}

/** Writes the status where it is another than the Job's. */
async function flush(job: Job, wished: JobStatus, { client, jobs, metrics, writes, signal }: Hands): Promise<Job> {
  const status = pruneStatus(wished);
  if (isSameJson(job.status, status)) return job;
  const options = { subresource: "status", signal };
  const written = writes.note(jobs, await client.update(resources.jobs, { ...job, status }, options));
  reportCounted(job, status, metrics);
  return written;
}

function tellOfEnd(job: Job, status: JobStatus, end: End, { events, metrics }: Hands): void {
  const regarding = referenceTo(resources.jobs, job);
  metrics.finished(modeOf(job), end.type === "Failed" ? "failed" : "succeeded", end.reason);
  if (end.type === "Failed") {
    events.warning(regarding, end.reason, end.message);
    return;
  }
  if (job.spec?.completions !== undefined && (status.succeeded ?? 0) > job.spec.completions) {
    const message = "Too many succeeded pods running after completion count reached";
    events.warning(regarding, "TooManySucceededPods", message);
  }
  events.normal(regarding, "Completed", "Job completed");
}
