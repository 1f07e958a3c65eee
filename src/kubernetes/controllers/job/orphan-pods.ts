// Takes the tracking finalizer off pods that no running Job will ever count: their Job is gone or finished, or they have none.

import {
  formatApiVersion,
  formatKey,
  isNotFound,
  type Job,
  keyOf,
  type Pod,
  parseKey,
  resources,
} from "#kubernetes/api";
import {
  createController,
  done,
  type KeyQueue,
  type ReconcileContext,
  type ReconcileResult,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { indexByController, ownedBy } from "../ownership/owner-index.ts";
import { controllerOf } from "../ownership/owner-references.ts";
import { resolveController } from "../ownership/watch-dependents.ts";
import { isJobFinished, isManagedElsewhere, isTracked } from "./job-pods.ts";
import { untrackPods } from "./sync-pods.ts";

export function createOrphanPodController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const jobs = informers.informer(resources.jobs);
  const pods = indexByController(informers.informer(resources.pods));
  const jobOf = (pod: Pod) =>
    resolveController({ owners: jobs, resource: resources.jobs }, pod.metadata.namespace, controllerOf(pod));

  const mayBeOrphan = (pod: Pod): boolean => {
    const controller = controllerOf(pod);
    if (!controller) return true;
    const { kind, apiVersion } = controller;
    if (kind !== "Job" || apiVersion !== formatApiVersion(resources.jobs)) return false;
    const job = jobOf(pod);
    return !job || (isJobFinished(job) && !isManagedElsewhere(job));
  };

  /** The pod may be seen before its Job is: what is missing here is looked for at the server. */
  const isOrphan = async (pod: Pod, signal: AbortSignal): Promise<boolean> => {
    const controller = controllerOf(pod);
    if (!mayBeOrphan(pod)) return false;
    if (!controller || jobOf(pod)) return true;
    try {
      const key = { namespace: pod.metadata.namespace, name: controller.name };
      const job = await client.get(resources.jobs, key, { signal });
      return job.metadata.uid !== controller.uid;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  };

  const reconcile = async (key: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const pod = pods.get(parseKey(key));
    if (!pod || !(await isOrphan(pod, signal))) return done;
    const writes = new OwnWrites();
    await untrackPods([pod], { client, pods, writes, signal });
    await writes.seen(signal);
    return done;
  };

  const addIfOrphan = (queue: KeyQueue) => (pod: Pod) => {
    if (isTracked(pod) && mayBeOrphan(pod)) queue.add(formatKey(keyOf(pod)));
  };
  const addPodsOf = (queue: KeyQueue) => (job: Job) => {
    for (const pod of ownedBy(pods, job.metadata.uid)) addIfOrphan(queue)(pod);
  };
  return createController({
    ...context,
    name: "job_orphan_pod",
    reconcile,
    watches: [
      watch(pods, (queue) => ({ added: addIfOrphan(queue), updated: addIfOrphan(queue) })),
      watch(jobs, (queue) => ({ added: addPodsOf(queue), updated: addPodsOf(queue), deleted: addPodsOf(queue) })),
    ],
  });
}
