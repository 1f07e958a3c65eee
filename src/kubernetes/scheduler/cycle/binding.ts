// Takes a pod that has a place to its binding: waits for permit plug-ins, runs PreBind, binds. The scheduling of other pods goes on
// meanwhile, as if this one were bound already.

import { resources } from "#kubernetes/api";
import { referenceTo, type SeriesRecorder } from "#kubernetes/runtime";
import type { Clock } from "#shared";
import type { ClusterCache } from "../cluster/cluster-cache.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import { events } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { type SchedulerMetrics, timePoints } from "../metrics.ts";
import type { QueuedPod } from "../queue/queued-pod.ts";
import type { SchedulingQueue } from "../queue/scheduling-queue.ts";
import { isRejection, type Rejection, type Success, success } from "../status.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import { type Failure, type FailureHandler, failureInBinding, failureOfError, failureOnNode } from "./failure.ts";
import { pluginError, runPlugin, runPluginAsync } from "./plugin-error.ts";
import type { FilterStates, Profile } from "./profile.ts";
import type { StatusWriter } from "./status-writer.ts";
import { PodInBinding, type PodsInBinding } from "./waiting-pod.ts";

/** A pod with its place. */
export interface Assignment {
  readonly queued: QueuedPod;
  /** The pod as if it were on the node. */
  readonly assumed: PodInfo;
  readonly nodeName: string;
  readonly profile: Profile;
  readonly states: FilterStates;
  /** By plug-in, how long it may hold the pod back. */
  readonly waits: ReadonlyMap<string, number>;
}

export interface BindingCycleOptions {
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  readonly failures: FailureHandler;
  readonly statusWriter: StatusWriter;
  readonly podsInBinding: PodsInBinding;
  /** How many bindings are under way at once. */
  readonly limit: ConcurrencyLimit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly metrics: SchedulerMetrics;
  readonly recorderOf: (profile: Profile) => SeriesRecorder;
}

/** What went wrong on the way, with the pod's place to be given back. */
interface Refusal {
  readonly failure: Failure;
  /** Whether a plug-in said no, or something failed. */
  readonly isRejected: boolean;
}

export class BindingCycle {
  readonly #options: BindingCycleOptions;

  constructor(options: BindingCycleOptions) {
    this.#options = options;
  }

  /** Never rejects: what goes wrong is handled. */
  async run(assignment: Assignment): Promise<void> {
    const { signal, podsInBinding } = this.#options;
    const { assumed } = assignment;
    let refusal: Refusal | undefined;
    try {
      refusal = await this.#bind(assignment);
    } catch (error) {
      refusal = { failure: failureOfError(error), isRejected: false };
    } finally {
      podsInBinding.delete(assumed.uid);
    }
    if (refusal && !signal.aborted) this.giveUp(assignment, refusal.failure, refusal.isRejected);
  }

  /** Takes the place back; the pod returns to the queue, and others may have the room. */
  giveUp(assignment: Assignment, failure: Failure, isRejected: boolean): void {
    const { queue, failures } = this.#options;
    const { assumed, queued } = assignment;
    this.release(assignment);
    const tellOthers = (only: (pod: PodInfo) => boolean) =>
      queue.moveAll(events.assignedPodDelete, assumed.pod, undefined, only);
    // A pod that was turned down is not tried again because of its own leaving.
    if (!isRejected) tellOthers(() => true);
    failures.handle(queued, failure);
    if (isRejected) tellOthers(({ uid }) => uid !== assumed.uid);
  }

  /** Undoes Reserve and forgets the pod's place. */
  release({ assumed, nodeName, profile, states }: Assignment): void {
    for (const plugin of profile.reserve.toReversed()) plugin.unreserve?.(states.get(plugin), assumed, nodeName);
    this.#options.cache.forget(assumed.uid);
  }

  async #bind(assignment: Assignment): Promise<Refusal | undefined> {
    const { queue, podsInBinding, clock, statusWriter, limit, signal } = this.#options;
    const { assumed, nodeName, profile, waits } = assignment;
    const preBinds = plannedPreBinds(assignment);
    const ran = timePoints(this.#options.metrics, profile.name);
    if (waits.size > 0 || preBinds.length > 0) {
      const waiting = new PodInBinding(assumed, waits, clock);
      podsInBinding.add(waiting);
      await statusWriter.write(assignment.queued.info, { nominatedNodeName: nodeName });
      const permitted = await waiting.permitted;
      ran("Permit", isRejection(permitted) ? "Unschedulable" : "Success");
      if (isRejection(permitted)) return this.#refuseOnNode(assignment, permitted);
      queue.done(assumed.uid);
      waiting.enterPreBind();
      const ready = await runPreBinds(preBinds, assignment, AbortSignal.any([signal, waiting.signal]));
      ran("PreBind", isRejection(ready) ? "Unschedulable" : "Success");
      if (isRejection(ready)) return { failure: failureInBinding(ready), isRejected: true };
      waiting.signal.throwIfAborted();
      waiting.decide();
    } else {
      queue.done(assumed.uid);
    }
    const bound = await limit.run(() => runBinds(profile.bind, assignment, signal));
    ran("Bind", isRejection(bound) ? "Unschedulable" : "Success");
    if (isRejection(bound)) return { failure: failureInBinding(bound), isRejected: true };
    this.#conclude(assignment);
    ran("PostBind", "Success");
    return undefined;
  }

  #refuseOnNode({ nodeName }: Assignment, status: Rejection): Refusal {
    const node = this.#options.cache.node(nodeName);
    const failure = node ? failureOnNode(node, status) : failureInBinding(status);
    return { failure, isRejected: true };
  }

  #conclude({ queued, assumed, nodeName, profile, states }: Assignment): void {
    const { clock, metrics, recorderOf } = this.#options;
    recorderOf(profile).record({
      regarding: referenceTo(resources.pods, assumed.pod),
      type: "Normal",
      reason: "Scheduled",
      action: "Binding",
      note: `Successfully assigned ${assumed.namespace}/${assumed.name} to ${nodeName}`,
    });
    metrics.scheduled(queued.attempts, (clock.now() - (queued.firstAttemptMs ?? clock.now())) / 1000);
    for (const plugin of profile.postBind) plugin.postBind!(states.get(plugin), assumed, nodeName);
  }
}

/** The preBinds that have something to do. */
function plannedPreBinds({ assumed, nodeName, profile, states }: Assignment): Plugin[] {
  return profile.preBind.filter((plugin) => {
    const what = `running PreBindPreFlight "${plugin.name}"`;
    const flight = runPlugin(what, () => plugin.preBindPreFlight?.(states.get(plugin), assumed, nodeName));
    return flight?.code !== "Skip";
  });
}

/** Neighbours that allow it run at once. */
async function runPreBinds(
  plugins: readonly Plugin[],
  { assumed, nodeName, states }: Assignment,
  signal: AbortSignal,
): Promise<Success | Rejection> {
  const run = (plugin: Plugin) =>
    runPluginAsync(`running PreBind plugin "${plugin.name}"`, async () => {
      const status = await plugin.preBind!(states.get(plugin), assumed, nodeName, signal);
      signal.throwIfAborted();
      return status;
    });
  for (const group of groupParallel(plugins)) {
    const statuses = await Promise.all(group.map(run));
    const rejected = statuses.find(isRejection);
    if (rejected) return rejected;
  }
  return success;
}

function groupParallel(plugins: readonly Plugin[]): Plugin[][] {
  const groups: Plugin[][] = [];
  for (const plugin of plugins) {
    const last = groups.at(-1);
    if (last && plugin.parallelPreBind && last[0]!.parallelPreBind) last.push(plugin);
    else groups.push([plugin]);
  }
  return groups;
}

async function runBinds(
  plugins: readonly Plugin[],
  { assumed, nodeName }: Assignment,
  signal: AbortSignal,
): Promise<Success | Rejection> {
  for (const plugin of plugins) {
    const what = `running Bind plugin "${plugin.name}"`;
    const status = await runPluginAsync(what, () => plugin.bind!(assumed, nodeName, signal));
    if (status.code !== "Skip") return status;
  }
  throw pluginError("binding rejected", "all bind plugins skipped the pod");
}
