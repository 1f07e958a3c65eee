// Creates and removes a Job's pods, and lets go of those that have been counted.

import { isNotFound, type Job, keyOf, type Pod, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { type EventRecorder, referenceTo } from "#kubernetes/runtime";
import type { JobMetrics } from "../controller-metrics.ts";
import type { OwnWrites } from "../own-writes.ts";
import { controllerReference } from "../ownership/owner-references.ts";
import { inBatches, slowStart } from "../pods/batches.ts";
import { createPodControl, isNamespaceTerminating, podFromTemplate } from "../pods/pod-control.ts";
import { failureCountAnnotations } from "./backoff.ts";
import {
  hasLimitPerIndex,
  indexedGenerateName,
  indexedTemplate,
  isTracked,
  trackedTemplate,
  trackingFinalizer,
} from "./job-pods.ts";
import { reportCreated } from "./report.ts";
import type { JobView } from "./view.ts";

export interface JobHands {
  readonly client: Client;
  readonly jobs: Informer<Job>;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  readonly metrics: JobMetrics;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

/** Creates one pod per entry: its index, or undefined. Throws the first failure. */
export async function createPods(
  view: JobView,
  wanted: readonly (number | undefined)[],
  hands: JobHands,
): Promise<void> {
  const { client, pods, events, metrics, writes, signal } = hands;
  const { job } = view;
  const control = createPodControl(client, events, signal);
  const regarding = referenceTo(resources.jobs, job);
  let failed = 0;
  const { succeeded, failure } = await slowStart(wanted.length, async (position) => {
    try {
      writes.note(pods, await control.create(newPod(view, wanted[position]), regarding));
    } catch (error) {
      failed++;
      if (!isNamespaceTerminating(error)) throw error;
    }
  });
  reportCreated(view, { succeeded, failed }, metrics);
  if (failure) throw failure;
}

function newPod({ job, indexes }: JobView, index: number | undefined): Pod {
  const { name: jobName = "", namespace = "" } = job.metadata;
  const owner = { namespace, reference: controllerReference(resources.jobs, job) };
  const template = trackedTemplate(job.spec!);
  if (index === undefined) return podFromTemplate(template, owner);
  const annotations = hasLimitPerIndex(job) ? failureCountAnnotations(indexes?.lastFailed.get(index), job) : {};
  const pod = podFromTemplate(indexedTemplate(template, { jobName, index, annotations }), owner);
  return { ...pod, metadata: { ...pod.metadata, generateName: indexedGenerateName(jobName, index) } };
}

/** Deletes pods that will be counted: their finalizer keeps them until then. */
export async function deletePods(job: Job, doomed: readonly Pod[], hands: JobHands): Promise<void> {
  const { client, pods, events, writes, signal } = hands;
  const control = createPodControl(client, events, signal);
  await inBatches(doomed, async (pod) => {
    writes.note(pods, await control.delete(pod, referenceTo(resources.jobs, job)));
  });
}

/** Deletes pods that shall not be counted. */
export async function discardPods(job: Job, doomed: readonly Pod[], hands: JobHands): Promise<void> {
  await untrackPods(doomed, hands);
  await deletePods(job, doomed, hands);
}

/** Takes the finalizer off; pods that have gone are fine. */
export async function untrackPods(
  counted: readonly Pod[],
  { client, pods, writes, signal }: Pick<JobHands, "client" | "pods" | "writes" | "signal">,
): Promise<void> {
  const body = { metadata: { "$deleteFromPrimitiveList/finalizers": [trackingFinalizer] } };
  await inBatches(counted.filter(isTracked), async (pod) => {
    try {
      const untracked = await client.patch(resources.pods, keyOf(pod), { type: "strategic", body }, { signal });
      writes.note(pods, untracked);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  });
}
