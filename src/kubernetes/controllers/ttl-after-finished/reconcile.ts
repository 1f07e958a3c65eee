// Deletes finished Jobs when their time to live is over.

import { formatKey, isNotFound, type Job, keyOf, parseKey, resources } from "#kubernetes/api";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { msToLive } from "./plan.ts";

export function createTtlAfterFinishedController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const jobs = informers.informer(resources.jobs);

  const reconcile = async (key: string, { clock, signal }: ReconcileContext): Promise<ReconcileResult> => {
    const leftMs = msToLive(jobs.get(parseKey(key)), clock.now());
    if (leftMs === undefined) return done;
    if (leftMs > 0) return requeueAfter(leftMs);
    try {
      // The copy may be old: what is deleted must be over by the latest.
      const fresh = await client.get(resources.jobs, parseKey(key), { signal });
      const freshLeftMs = msToLive(fresh, clock.now());
      if (freshLeftMs === undefined) return done;
      if (freshLeftMs > 0) return requeueAfter(freshLeftMs);
      const preconditions = { uid: fresh.metadata.uid ?? "" };
      await client.delete(resources.jobs, keyOf(fresh), { propagationPolicy: "Foreground", preconditions, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return done;
  };

  return createController({
    ...context,
    name: "ttl_jobs_to_delete",
    reconcile,
    watches: [
      watch(jobs, (queue) => {
        const add = (job: Job) => {
          if (msToLive(job, 0) !== undefined) queue.add(formatKey(keyOf(job)));
        };
        return { added: add, updated: add };
      }),
    ],
  });
}
