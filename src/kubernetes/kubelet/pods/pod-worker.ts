// One pod's worker: looks at the pod, acts, writes its status, and waits for news, until the pod has ended and everything it had
// on the node is gone. Steps of one pod never overlap; pods don't wait for each other.

import { formatGrpcError } from "#grpc";
import type { PodStatus, ResourceRequirements } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { describeError, type Logger } from "#shared";
import type { WatchedObjects } from "../objects/watched-objects.ts";
import { planPod } from "../plan/plan-pod.ts";
import { isResizing, withGivenResources } from "../plan/plan-resize.ts";
import { type BoundPod, describePod, isTerminalPhase } from "../pod/bound-pod.ts";
import type { ProbeManager } from "../probes/probe-manager.ts";
import type { Resizes } from "../resize/resizes.ts";
import { killPod } from "../runtime/kill-container.ts";
import { listPods, observePod } from "../runtime/observe-pod.ts";
import { emptyPod, type ObservedPod } from "../runtime/observed.ts";
import type { StartError } from "../runtime/sync-error.ts";
import { type SyncResult, type SyncTools, syncPod } from "../runtime/sync-pod.ts";
import { isRestartingAll, makePodStatus } from "../status/pod-status.ts";
import type { StatusKeeper } from "../status/status-keeper.ts";
import type { TokenSource } from "../volumes/token-source.ts";
import { areSureToMount } from "../volumes/used-volumes.ts";
import { VolumeError, type VolumeManager } from "../volumes/volume-manager.ts";
import { effectiveGracePeriod, type KillOptions, type PodWork } from "./pod-work.ts";

/** What the workers of a node share. */
export interface WorkerTools extends SyncTools {
  /** As container ids name it: "containerd". */
  readonly runtimeName: string;
  readonly statuses: StatusKeeper;
  readonly probes: ProbeManager;
  readonly volumes: VolumeManager;
  readonly objects: WatchedObjects;
  readonly tokens: TokenSource;
  readonly resizes: Resizes;
  /** Why pods can't have a network now; undefined when they can. */
  networkProblem(): string | undefined;
  /** The node's addresses. */
  hostIPs(): readonly string[];
  supportsRecursiveReadOnly(pod: BoundPod): boolean;
  readonly metrics: SyncTools["metrics"] & { podStarted(seconds: number): void };
  /** Called when a worker has ended. */
  onFinished(uid: string): void;
}

const networkRetryMs = 1000;
const usualRetryMs = 10_000;
const brokenRuntimeRetryMs = 1000;
const orphanGraceSeconds = 1;

export class PodWorker {
  readonly uid: string;
  readonly #tools: WorkerTools;
  readonly #logger: Logger;
  #pod: BoundPod | undefined;
  #observed: ObservedPod;
  #work: PodWork = { state: "syncing" };
  #step = new AbortController();
  readonly #stopping = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #terminated = Promise.withResolvers<void>();
  #isDirty = true;
  #wakeUp: (() => void) | undefined;
  #nextTimer: { readonly at: number; cancel(): void } | undefined;
  #contentChanged = false;
  #deadlinePassed = false;
  readonly #reasons = new Map<string, StartError>();
  /** When the pod was first heard of, until it runs. */
  #startingSince: number | undefined;
  /** Removed from the API, or about to be: nothing of the pod is kept when it has ended. */
  isDeleted = false;

  /** `pod` undefined: the runtime has it, but nobody knows its spec. */
  constructor(tools: WorkerTools, observed: ObservedPod, pod: BoundPod | undefined) {
    this.#tools = tools;
    this.uid = observed.uid;
    this.#observed = observed;
    this.#logger = tools.logger.child({ pod: `${observed.namespace}/${observed.name}`, uid: observed.uid });
    if (pod) this.#adopt(pod);
    if (pod?.status.phase === "Pending" && pod.status.startTime === undefined) this.#startingSince = tools.clock.now();
    if (!pod) this.#work = { state: "terminating", gracePeriodSeconds: orphanGraceSeconds };
  }

  get work(): PodWork {
    return this.#work;
  }

  get pod(): BoundPod | undefined {
    return this.#pod;
  }

  /** As last seen. */
  get observed(): ObservedPod {
    return this.#observed;
  }

  start(): void {
    this.#run().then(this.#ended.resolve, this.#ended.reject);
  }

  /** The pod as the API server has it now. */
  update(pod: BoundPod): void {
    const before = this.#pod;
    this.#adopt(pod);
    if (before && labelsChanged(before, pod)) this.#contentChanged = true;
    this.wake();
  }

  /** Something the pod depends on may have changed: look again. */
  wake(): void {
    this.#isDirty = true;
    this.#wakeUp?.();
  }

  /** What lies in its volumes may have changed. */
  refreshVolumes(): void {
    this.#contentChanged = true;
    this.wake();
  }

  /** Stops the pod. Resolves when nothing of it runs any more. */
  kill(options: KillOptions = {}): Promise<void> {
    this.#terminate(options);
    return this.#terminated.promise;
  }

  /** The pod is gone from the API. */
  remove(): void {
    this.isDeleted = true;
    this.#terminate({});
  }

  /** Leaves the pod as it is and stops looking after it: the process ends, the pod does not. */
  async detach(): Promise<void> {
    this.#stopping.abort();
    this.#step.abort();
    this.wake();
    await this.#ended.promise;
  }

  #adopt(pod: BoundPod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.isDeleted = true;
      this.#terminate({});
    } else if (isTerminalPhase(pod.status.phase)) {
      this.#terminate({});
    }
  }

  #terminate({ gracePeriodSeconds: asked, finalStatus }: KillOptions): void {
    const work = this.#work;
    if (work.state === "terminated" || work.state === "finished") return;
    const current = work.state === "terminating" ? work.gracePeriodSeconds : undefined;
    const { deletionGracePeriodSeconds: deletion } = this.#pod?.metadata ?? {};
    const own = this.#pod?.spec.terminationGracePeriodSeconds;
    const gracePeriodSeconds = effectiveGracePeriod({ current, deletion, asked, own });
    const isShorter = current === undefined || gracePeriodSeconds < current;
    const final = finalStatus ?? (work.state === "terminating" ? work.finalStatus : undefined);
    this.#work = { state: "terminating", gracePeriodSeconds, finalStatus: final };
    // What is being waited for now is of no use any more, or would take too long.
    if (isShorter) this.#step.abort();
    this.wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#work.state !== "finished" && !signal.aborted) {
      if (!this.#isDirty) await this.#news();
      if (signal.aborted) break;
      this.#isDirty = false;
      this.#step = new AbortController();
      const step = this.#step;
      try {
        await this.#doStep(step.signal);
      } catch (error) {
        if (step.signal.aborted) continue;
        this.#logger.debug({ error: describeError(error) }, "pod not synced");
        this.#wakeAt(error instanceof VolumeError ? error.retryAt : this.#tools.clock.now() + brokenRuntimeRetryMs);
      }
    }
    this.#nextTimer?.cancel();
    this.#nextTimer = undefined;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = () => {
        this.#wakeUp = undefined;
        resolve();
      };
    });
  }

  /** Looks again at that time, or earlier. */
  #wakeAt(at: number): void {
    if (this.#nextTimer && this.#nextTimer.at <= at) return;
    this.#nextTimer?.cancel();
    const { clock } = this.#tools;
    const cancel = clock.after(at - clock.now(), () => {
      this.#nextTimer = undefined;
      this.wake();
    });
    this.#nextTimer = { at, cancel };
  }

  async #doStep(signal: AbortSignal): Promise<void> {
    const work = this.#work;
    if (work.state === "syncing") await this.#sync(this.#pod!, signal);
    else if (work.state === "terminating") await this.#stop(work, signal);
    else if (work.state === "terminated") await this.#cleanUp();
  }

  async #observe(): Promise<ObservedPod> {
    const { cri, runtimeName } = this.#tools;
    const listing = (await listPods(cri, this.uid)).get(this.uid);
    const { uid, name, namespace } = this.#observed;
    const found = listing ? await observePod(cri, runtimeName, listing) : emptyPod({ uid, name, namespace });
    this.#observed = withGivenResources(found, (container) => this.#given(container));
    return this.#observed;
  }

  #given(containerName: string): ResourceRequirements | undefined {
    return this.#tools.allocations.given(this.uid, containerName);
  }

  // --- syncing

  async #sync(pod: BoundPod, signal: AbortSignal): Promise<void> {
    const observed = await this.#observe();
    const given = (name: string) => this.#given(name);
    this.#tools.resizes.markProgress(pod, isResizing({ pod, observed, given }));
    const status = this.#keepStatus(pod, observed, false);
    if (isTerminalPhase(status.phase)) {
      this.#terminate({});
      return;
    }
    if (!(await this.#prepare(pod))) return;
    const volumes = this.#setUpVolumes(pod, signal);
    // Volumes that are sure to come are made while the runtime makes the sandbox.
    if (!areSureToMount(pod)) await volumes;
    volumes.catch(() => {});
    const restartAll = isRestartingAll(pod, observed, status);
    const plan = planPod({ pod, observed, probes: this.#tools.probes, given, restartAll });
    const result = await syncPod(this.#tools, { pod, observed, plan, volumes, signal });
    await volumes;
    signal.throwIfAborted();
    await this.#conclude(pod, result);
  }

  /** Everything that must be there before a sandbox can be. False: not yet, and it is known when to try again. */
  async #prepare(pod: BoundPod): Promise<boolean> {
    const { networkProblem, events, clock, objects, cgroups, probes } = this.#tools;
    const problem = pod.spec.hostNetwork ? undefined : networkProblem();
    if (problem !== undefined) {
      events.pod(pod, "Warning", "NetworkNotReady", `network is not ready: ${problem}`);
      this.#wakeAt(clock.now() + networkRetryMs);
      return false;
    }
    objects.hold(pod);
    try {
      if (!(await cgroups.exists(pod))) await cgroups.ensure(pod);
    } catch (error) {
      const message = `unable to ensure pod container exists: ${describeError(error)}`;
      events.pod(pod, "Warning", "FailedCreatePodContainer", message);
      throw error;
    }
    probes.add(pod);
    return true;
  }

  /** What containers find in their volumes, new or brought up to date. */
  async #setUpVolumes(pod: BoundPod, signal: AbortSignal): Promise<void> {
    const { volumes, tokens, clock } = this.#tools;
    await volumes.mount(pod);
    signal.throwIfAborted();
    if (this.#contentChanged) {
      this.#contentChanged = false;
      await volumes.refresh(pod);
    }
    const refreshAt = tokens.refreshAt(this.uid);
    if (refreshAt !== undefined && refreshAt <= clock.now()) await volumes.refresh(pod);
  }

  /** Remembers what failed and why, and when to go on. */
  async #conclude(pod: BoundPod, result: SyncResult): Promise<void> {
    const { clock, tokens } = this.#tools;
    for (const [name, failure] of result.starts) {
      if (failure) this.#reasons.set(name, failure);
      else this.#reasons.delete(name);
    }
    if (result.resizeError !== undefined) {
      this.#tools.resizes.fail(pod, result.resizeError);
      this.#wakeAt(clock.now() + usualRetryMs);
    }
    const failures = [...result.starts.values()].filter((failure) => failure !== undefined);
    if (result.error) this.#logger.info({ error: formatGrpcError(result.error) }, "pod not synced");
    if (failures.length > 0 || result.error) {
      const times = failures.map((failure) => failure.retryAt ?? clock.now() + usualRetryMs);
      this.#wakeAt(Math.min(...times, clock.now() + (result.error ? usualRetryMs : Number.POSITIVE_INFINITY)));
      if (this.#work.state === "syncing") this.#keepStatus(pod, await this.#observe(), false);
    } else if (result.changed) {
      this.wake();
    }
    const refreshAt = tokens.refreshAt(this.uid);
    if (refreshAt !== undefined) this.#wakeAt(Math.max(refreshAt, clock.now() + 1000));
    this.#watchDeadline(pod);
  }

  #watchDeadline(pod: BoundPod): void {
    const { activeDeadlineSeconds } = pod.spec;
    const startedAt = parseTime(this.#tools.statuses.get(this.uid)?.startTime);
    if (activeDeadlineSeconds === undefined || startedAt === undefined) return;
    this.#wakeAt(startedAt + activeDeadlineSeconds * 1000);
  }

  #isPastDeadline(pod: BoundPod): boolean {
    const { clock, statuses, events } = this.#tools;
    const { activeDeadlineSeconds } = pod.spec;
    const startedAt = parseTime(statuses.get(this.uid)?.startTime ?? pod.status.startTime);
    if (activeDeadlineSeconds === undefined || startedAt === undefined) return false;
    const isPast = clock.now() >= startedAt + activeDeadlineSeconds * 1000;
    if (isPast && !this.#deadlinePassed) {
      this.#deadlinePassed = true;
      const message = "Pod was active on the node longer than the specified deadline";
      events.pod(pod, "Normal", "DeadlineExceeded", message);
    }
    return isPast;
  }

  #makeStatus(pod: BoundPod, observed: ObservedPod, isTerminal: boolean): PodStatus {
    const { statuses, probes, hostIPs, resizes, supportsRecursiveReadOnly } = this.#tools;
    return makePodStatus({
      pod,
      observed,
      old: statuses.get(this.uid) ?? pod.status,
      reasonOf: (name) => this.#reasons.get(name),
      supportsRecursiveReadOnly: supportsRecursiveReadOnly(pod),
      isTerminal,
      probes,
      hostIPs: hostIPs(),
      resizeConditions: isTerminal ? [] : resizes.conditions(this.uid),
      isPastDeadline: this.#isPastDeadline(pod),
    });
  }

  #keepStatus(pod: BoundPod, observed: ObservedPod, isTerminal: boolean): PodStatus {
    const { statuses, probes } = this.#tools;
    const status = this.#makeStatus(pod, observed, isTerminal);
    statuses.set(pod, status, pod.metadata.deletionTimestamp !== undefined);
    if (status.phase === "Running" && this.#startingSince !== undefined) {
      this.#tools.metrics.podStarted((this.#tools.clock.now() - this.#startingSince) / 1000);
      this.#startingSince = undefined;
    }
    probes.notify(this.uid);
    return status;
  }

  // --- terminating

  async #stop(work: Extract<PodWork, { state: "terminating" }>, signal: AbortSignal): Promise<void> {
    const { probes, events, statuses } = this.#tools;
    const pod = this.#pod;
    const before = await this.#observe();
    if (pod) {
      const status = this.#makeStatus(pod, before, false);
      statuses.set(pod, work.finalStatus ? work.finalStatus(status) : status, true);
      probes.stopLivenessAndStartup(this.uid);
    }
    try {
      const { gracePeriodSeconds } = work;
      await killPod(this.#tools, pod, before, { gracePeriodSeconds, signal });
    } catch (error) {
      if (!signal.aborted && pod)
        events.pod(pod, "Warning", "FailedKillPod", `error killing pod: ${describeError(error)}`);
      throw error;
    }
    probes.remove(this.uid);
    const after = await this.#observe();
    const running = after.containers.filter(({ state }) => state === "running");
    if (running.length > 0) {
      const ids = running.map(({ containerID }) => containerID).join(" ");
      throw new Error(`detected running containers after a successful KillPod, CRI violation: [${ids}]`);
    }
    // Where the pod was reachable is still worth knowing.
    this.#observed = { ...after, ips: before.ips };
    if (pod) this.#keepStatus(pod, this.#observed, true);
    this.#work = { state: "terminated" };
    this.#terminated.resolve();
    this.wake();
  }

  // --- terminated

  async #cleanUp(): Promise<void> {
    const { volumes, objects, tokens, cgroups, statuses, onFinished } = this.#tools;
    const pod = this.#pod;
    if (pod) this.#keepStatus(pod, this.#observed, true);
    await volumes.unmount(this.uid);
    objects.release(this.uid);
    tokens.forget(this.uid);
    await cgroups.destroy(this.uid);
    this.#work = { state: "finished" };
    if (pod) statuses.finish(pod);
    this.#logger.debug({ pod: pod && describePod(pod) }, "pod finished");
    onFinished(this.uid);
  }
}

function labelsChanged(a: BoundPod, b: BoundPod): boolean {
  const of = ({ metadata: { labels, annotations } }: BoundPod) => JSON.stringify([labels, annotations]);
  return of(a) !== of(b);
}
