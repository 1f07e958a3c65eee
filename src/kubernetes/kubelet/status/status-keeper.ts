// Keeps the status of every pod of the node and brings it to the API server: only changes, one write per pod at a time, again
// after failures for as long as it takes. Deletes pods from the API that have ended and are to go.

import { type ContainerStatus, isConflict, isNotFound, type Pod, type PodStatus, resources } from "#kubernetes/api";
import { type Client, compareResourceVersions } from "#kubernetes/client";
import { type Clock, describeError, type Logger } from "#shared";
import { type BoundPod, isSidecar, isTerminalPhase, toBoundPod } from "../pod/bound-pod.ts";
import { illegalChange, mergeStatus, sameForKubelet, withTimes } from "./merge-status.ts";
import { statusPatch } from "./status-patch.ts";

export interface StatusKeeperOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The pod as the API server last showed it; undefined when it is gone there. */
  podOf(uid: string): BoundPod | undefined;
  /** Whether anything of the pod may still run. */
  mayStillRun(uid: string): boolean;
  /** Called when the kept status of a pod has changed. */
  onChange(uid: string): void;
}

export interface StatusKeeper {
  /** As last set; undefined before the first. */
  get(uid: string): PodStatus | undefined;
  /** Keeps the status and has it written where it changed. `force` writes it again in any case. */
  set(pod: BoundPod, status: PodStatus, force?: boolean): void;
  /** Nothing of the pod is left on the node: completes its status; the pod may go from the API. */
  finish(pod: BoundPod): void;
  /** The API server shows the pod (again): writes what differs from what is kept. */
  reconcile(pod: BoundPod): void;
  forget(uid: string): void;
  /** Resolves when nothing is being written. */
  stop(): Promise<void>;
}

interface Entry {
  pod: BoundPod;
  status: PodStatus;
  finished: boolean;
  /** What the server answered last. */
  written?: Pod;
  dirty: boolean;
  writing?: Promise<void>;
  failures: number;
  cancelRetry?: () => void;
}

const retryMs = [200, 1000, 2000, 5000, 10_000];

export function createStatusKeeper(options: StatusKeeperOptions): StatusKeeper {
  return new Keeper(options);
}

class Keeper implements StatusKeeper {
  readonly #options: StatusKeeperOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #stopping = new AbortController();

  constructor(options: StatusKeeperOptions) {
    this.#options = options;
  }

  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.status;
  }

  set(pod: BoundPod, status: PodStatus, force = false): void {
    this.#update(pod, status, { force, finished: false });
  }

  finish(pod: BoundPod): void {
    const old = this.#entries.get(pod.metadata.uid)?.status ?? pod.status;
    this.#update(pod, ended(pod, old), { force: true, finished: true });
  }

  reconcile(pod: BoundPod): void {
    const { uid } = pod.metadata;
    const entry = this.#entries.get(uid);
    if (!entry || entry.writing || entry.dirty) return;
    const merged = mergeStatus(pod.status, entry.status, this.#options.mayStillRun(uid));
    const differs = statusPatch(pod.status, merged) !== undefined;
    if (differs || this.#mayBeDeleted(entry, pod)) this.#schedule(uid, entry);
  }

  forget(uid: string): void {
    this.#entries.get(uid)?.cancelRetry?.();
    this.#entries.delete(uid);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const entry of this.#entries.values()) entry.cancelRetry?.();
    await Promise.all([...this.#entries.values()].map(({ writing }) => writing));
  }

  #update(pod: BoundPod, status: PodStatus, { force, finished }: { force: boolean; finished: boolean }): void {
    const { clock, logger, onChange } = this.#options;
    const { uid } = pod.metadata;
    const known = this.#entries.get(uid);
    const old = known?.status ?? pod.status;
    const problem = illegalChange(pod, old, status);
    if (problem) {
      logger.error({ pod: pod.metadata.name, problem }, "status not taken");
      return;
    }
    const next = withTimes(pod, status, old, clock.now());
    const entry = known ?? { pod, status: next, finished, dirty: false, failures: 0 };
    const isSame = known !== undefined && sameForKubelet(known.status, next);
    entry.pod = pod;
    entry.finished ||= finished;
    if (isSame && !force) return;
    entry.status = next;
    this.#entries.set(uid, entry);
    onChange(uid);
    this.#schedule(uid, entry);
  }

  #schedule(uid: string, entry: Entry): void {
    entry.dirty = true;
    entry.cancelRetry?.();
    if (entry.writing || this.#stopping.signal.aborted) return;
    entry.writing = this.#writeAll(uid, entry).finally(() => {
      delete entry.writing;
    });
  }

  async #writeAll(uid: string, entry: Entry): Promise<void> {
    while (entry.dirty && !this.#stopping.signal.aborted) {
      entry.dirty = false;
      try {
        await this.#write(uid, entry);
        entry.failures = 0;
      } catch (error) {
        this.#failed(uid, entry, error);
        return;
      }
    }
  }

  async #write(uid: string, entry: Entry): Promise<void> {
    const { client, podOf, mayStillRun } = this.#options;
    const shown = podOf(uid);
    if (!shown) return;
    const base = newer(shown, entry.written);
    const server = base.status ?? {};
    const patch = statusPatch(server, mergeStatus(server, entry.status, mayStillRun(uid)));
    const { namespace, name } = entry.pod.metadata;
    const { signal } = this.#stopping;
    if (patch) {
      // The uid is a precondition: another pod may have this name by now.
      const body = { metadata: { uid }, status: patch };
      const change = { type: "strategic", body } as const;
      entry.written = await client.patch(resources.pods, { namespace, name }, change, {
        subresource: "status",
        signal,
      });
    }
    const latest = toBoundPod(newer(podOf(uid) ?? shown, entry.written));
    if (!this.#mayBeDeleted(entry, latest)) return;
    await client.delete(resources.pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid }, signal });
    this.#entries.delete(uid);
  }

  /** Marked for deletion, shown as ended, and nothing of it is left here. */
  #mayBeDeleted(entry: Entry, { metadata, status }: BoundPod): boolean {
    return entry.finished && metadata.deletionTimestamp !== undefined && isTerminalPhase(status.phase);
  }

  #failed(uid: string, entry: Entry, error: unknown): void {
    const { clock, logger } = this.#options;
    if (this.#stopping.signal.aborted) return;
    // Gone, or another pod of the same name: nobody waits for this status any more.
    if (isNotFound(error) || isConflict(error)) {
      if (isNotFound(error)) this.#entries.delete(uid);
      delete entry.written;
      if (isNotFound(error)) return;
    }
    const delay = retryMs[Math.min(entry.failures, retryMs.length - 1)]!;
    entry.failures++;
    logger.debug({ pod: entry.pod.metadata.name, error: describeError(error) }, "status not written, trying again");
    entry.cancelRetry = clock.after(delay, () => this.#schedule(uid, entry));
  }
}

function newer(shown: Pod, written: Pod | undefined): Pod {
  const version = (pod: Pod) => pod.metadata.resourceVersion ?? "0";
  return written && compareResourceVersions(version(written), version(shown)) > 0 ? written : shown;
}

/** Every container that had begun counts as ended; one whose end nobody saw, with a code that says so. */
function ended(pod: BoundPod, status: PodStatus): PodStatus {
  const lost = {
    terminated: {
      reason: "ContainerStatusUnknown",
      message: "The container could not be located when the pod was terminated",
      exitCode: 137,
    },
  };
  const end = (each: ContainerStatus): ContainerStatus => (each.state?.terminated ? each : { ...each, state: lost });
  const init = status.initContainerStatuses ?? [];
  const begun = init.findLastIndex(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  const initContainerStatuses = init.map((each, index) => (index <= Math.max(begun, 0) ? end(each) : each));
  return {
    ...status,
    ...(init.length > 0 && { initContainerStatuses }),
    ...(hasInitialized(pod, status) && { containerStatuses: (status.containerStatuses ?? []).map(end) }),
    phase: isTerminalPhase(status.phase) ? status.phase! : "Failed",
  };
}

function hasInitialized(pod: BoundPod, { containerStatuses = [], initContainerStatuses = [] }: PodStatus): boolean {
  const containers = pod.spec.initContainers ?? [];
  if (containers.length === 0) return true;
  if (containerStatuses.some(({ state, lastState }) => lastState?.terminated || !state?.waiting)) return true;
  const last = initContainerStatuses.at(-1);
  const container = containers.find(({ name }) => name === last?.name);
  if (!last || !container) return false;
  if (isSidecar(container)) return last.state?.running !== undefined && last.started === true;
  return [last.state, last.lastState].some((state) => state?.terminated?.exitCode === 0);
}
