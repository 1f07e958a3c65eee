// The workers of all pods of a node: one starts with its pod (known from the API, or found in the runtime) and goes when nothing
// of the pod is left. Keeps the node free of what belongs to no pod.

import { describeError } from "#shared";
import type { BoundPod } from "../pod/bound-pod.ts";
import { isTerminalPhase } from "../pod/bound-pod.ts";
import { listPods, observePod, type PodListing } from "../runtime/observe-pod.ts";
import { emptyPod } from "../runtime/observed.ts";
import { PodWorker, type WorkerTools } from "./pod-worker.ts";
import type { Refusal } from "./refusal.ts";
import { pruneRuntime, removeFromRuntime, removeLogs } from "./remove-pod.ts";

export interface PodWorkersOptions {
  readonly tools: Omit<WorkerTools, "onFinished">;
  /** Refuses a pod: the reason and message of its status. Undefined: it may run. */
  admit(pod: BoundPod): Refusal | undefined;
}

export interface PodWorkers {
  get(uid: string): PodWorker | undefined;
  all(): Iterable<PodWorker>;
  /** Pods that are to run and have not ended. */
  active(): BoundPod[];
  /** The API server shows this pod. */
  update(pod: BoundPod): void;
  /** The API server has removed it. */
  remove(pod: BoundPod): void;
  /**
   * Goes through all the runtime and the disk have: wakes workers whose containers changed, stops and removes what belongs to
   * no pod. `known` are the pods of the API server; undefined while it has not been heard of: then nothing is removed.
   */
  sweep(known: ReadonlySet<string> | undefined): Promise<void>;
  /** Stops looking after the pods, which go on. */
  stop(): Promise<void>;
}

export function createPodWorkers({ tools, admit }: PodWorkersOptions): PodWorkers {
  const workers = new Map<string, PodWorker>();
  /** What the runtime had of each pod when last swept. */
  let lastSeen = new Map<string, string>();
  const cleanUps = new Set<Promise<void>>();

  /** Pods that may not run here: they have a status, but no worker until they are deleted. */
  const refused = new Set<string>();
  /** Removed from the API while a worker still had to end them. */
  const gone = new Set<string>();

  const workerTools: WorkerTools = {
    ...tools,
    onFinished(uid) {
      if (workers.get(uid)?.isDeleted) inBackground(purge(uid));
      if (gone.delete(uid)) forget(uid);
      tools.resizes.retry();
    },
  };

  const forget = (uid: string): void => {
    workers.delete(uid);
    refused.delete(uid);
    tools.statuses.forget(uid);
    tools.resizes.forget(uid);
  };

  const inBackground = (work: Promise<void>): void => {
    const watched = work
      .catch((error) => tools.logger.warn({ error: describeError(error) }, "pod not cleaned up, trying again later"))
      .finally(() => cleanUps.delete(watched));
    cleanUps.add(watched);
  };

  /** Takes away everything there is of a pod that nobody needs any more. */
  const purge = async (uid: string): Promise<void> => {
    await removeFromRuntime(tools.cri, uid);
    await tools.allocations.forget(uid);
    await tools.volumes.removePod(uid);
    await removeLogs(tools.podLogsFolder, tools.containerLogLinks, uid);
  };

  const allocated = (pod: BoundPod) => tools.allocations.apply(pod);

  const startWorker = (id: PodId, pod: BoundPod | undefined): void => {
    const worker = new PodWorker(workerTools, emptyPod(id), pod);
    // Nobody else will ever ask for what is left of a pod without a spec.
    worker.isDeleted ||= pod === undefined;
    workers.set(id.uid, worker);
    worker.start();
  };

  const active = (): BoundPod[] =>
    [...workers.values()]
      .filter(({ work }) => work.state === "syncing")
      .map(({ pod }) => pod)
      .filter((pod) => pod !== undefined);

  const refuse = (pod: BoundPod, { reason, message }: Refusal): void => {
    refused.add(pod.metadata.uid);
    tools.events.pod(pod, "Warning", reason, message);
    const { qosClass } = pod.status;
    const status = { phase: "Failed", reason, message: `Pod was rejected: ${message}`, ...(qosClass && { qosClass }) };
    tools.statuses.set(pod, status);
  };

  const sweepRuntime = async (known: ReadonlySet<string> | undefined): Promise<void> => {
    const listings = await listPods(tools.cri);
    const seen = new Map<string, string>();
    for (const [uid, listing] of listings) {
      const fingerprint = fingerprintOf(listing);
      seen.set(uid, fingerprint);
      const worker = workers.get(uid);
      if (worker && worker.work.state !== "finished") {
        if (lastSeen.get(uid) !== fingerprint) {
          worker.wake();
          inBackground(pruneRuntime(tools.cri, await observePod(tools.cri, tools.runtimeName, listing)));
        }
      } else if (known && !known.has(uid)) {
        await sweepOrphan(uid, listing);
      }
    }
    lastSeen = seen;
  };

  /** A pod that no one wants: stopped if it runs, then removed. */
  const sweepOrphan = async (uid: string, listing: PodListing): Promise<void> => {
    const runs =
      listing.containers.some(({ state }) => state === "CONTAINER_RUNNING") ||
      listing.sandboxes.some(({ state }) => state === "SANDBOX_READY");
    if (!runs) return purge(uid);
    startWorker({ uid, name: listing.name, namespace: listing.namespace }, undefined);
  };

  const sweepDisk = async (known: ReadonlySet<string>): Promise<void> => {
    const isUnknown = (uid: string) => !known.has(uid) && (workers.get(uid)?.work.state ?? "finished") === "finished";
    for (const uid of await tools.volumes.podsOnDisk()) if (isUnknown(uid)) await purge(uid);
    for (const uid of await tools.cgroups.list()) if (isUnknown(uid)) await tools.cgroups.destroy(uid);
  };

  return {
    get: (uid) => workers.get(uid),
    all: () => workers.values(),
    active,
    update(pod) {
      const { uid, name, namespace } = pod.metadata;
      const worker = workers.get(uid);
      if (worker) {
        if (worker.work.state === "syncing") tools.resizes.update(pod);
        worker.update(allocated(pod));
        return;
      }
      const isDeleted = pod.metadata.deletionTimestamp !== undefined;
      if (refused.has(uid) && !isDeleted) return;
      const mayRun = !isDeleted && !isTerminalPhase(pod.status.phase);
      const refusal = mayRun ? admit(allocated(pod)) : undefined;
      if (refusal) {
        refuse(pod, refusal);
        return;
      }
      if (!tools.allocations.has(uid)) tools.allocations.allocate(pod);
      startWorker({ uid, name, namespace }, allocated(pod));
      if (mayRun) tools.resizes.update(pod);
    },
    remove(pod) {
      const { uid } = pod.metadata;
      const worker = workers.get(uid);
      const isEnding = worker && worker.work.state !== "finished";
      if (isEnding) gone.add(uid);
      else forget(uid);
      worker?.remove();
    },
    async sweep(known) {
      await sweepRuntime(known);
      if (known) await sweepDisk(known);
      for (const [uid, worker] of workers) {
        if (worker.work.state === "finished" && known && !known.has(uid)) workers.delete(uid);
      }
    },
    async stop() {
      await Promise.all([...workers.values()].map((worker) => worker.detach()));
      await Promise.all(cleanUps);
    },
  };
}

interface PodId {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
}

/** Changes whenever a container or sandbox of the pod comes, goes or changes its state. */
function fingerprintOf({ sandboxes, containers }: PodListing): string {
  return JSON.stringify([
    sandboxes.map(({ id, state }) => [id, state]),
    containers.map(({ id, state }) => [id, state]),
  ]);
}
