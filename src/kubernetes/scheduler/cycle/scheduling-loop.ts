// Takes pod after pod from the queue and places it, as long as there are any; then sleeps until the queue wakes it.

import { type Pod, resources } from "#kubernetes/api";
import { referenceTo, type SeriesRecorder } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger } from "#shared";
import type { ClusterCache } from "../cluster/cluster-cache.ts";
import { type PodInfo, placeOn } from "../cluster/pod-info.ts";
import type { SchedulerMetrics } from "../metrics.ts";
import type { PodNominator } from "../queue/pod-nominator.ts";
import type { QueuedPod } from "../queue/queued-pod.ts";
import type { SchedulingQueue } from "../queue/scheduling-queue.ts";
import { isRejection } from "../status.ts";
import type { Assignment, BindingCycle } from "./binding.ts";
import {
  type Failure,
  type FailureHandler,
  failureOf,
  failureOfError,
  failureOnNode,
  noNodesFailure,
} from "./failure.ts";
import { runPlugin } from "./plugin-error.ts";
import type { FilterStates, Profile } from "./profile.ts";
import type { PodScheduler } from "./schedule-pod.ts";

export interface SchedulingLoopOptions {
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  readonly nominator: PodNominator;
  readonly podScheduler: PodScheduler;
  readonly bindings: BindingCycle;
  readonly failures: FailureHandler;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SchedulerMetrics;
  readonly recorderOf: (profile: Profile) => SeriesRecorder;
}

/** Placing pods waits for nothing, so it would keep bindings and informers from running. */
const turnMs = 8;

export class SchedulingLoop {
  readonly #options: SchedulingLoopOptions;
  #isRunning = false;
  #isTurnScheduled = false;
  readonly #bindings = new Set<Promise<void>>();

  constructor(options: SchedulingLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isRunning = true;
    this.wake();
  }

  /** Places no more pods; bindings under way go on. */
  pause(): void {
    this.#isRunning = false;
  }

  /** There may be pods to place. */
  wake(): void {
    if (!this.#isRunning || this.#isTurnScheduled) return;
    this.#isTurnScheduled = true;
    setImmediate(() => {
      this.#isTurnScheduled = false;
      this.#takeTurn();
    });
  }

  /** Resolves when no binding is under way. */
  async settled(): Promise<void> {
    while (this.#bindings.size > 0) await Promise.all(this.#bindings);
  }

  #takeTurn(): void {
    const end = performance.now() + turnMs;
    while (this.#isRunning) {
      const queued = this.#options.queue.pop();
      if (!queued) return;
      this.#scheduleOne(queued);
      if (performance.now() > end) {
        this.wake();
        return;
      }
    }
  }

  #scheduleOne(queued: QueuedPod): void {
    const { queue, profiles, clock, logger, metrics } = this.#options;
    const { info } = queued;
    const profile = profiles.get(info.pod.spec?.schedulerName ?? "");
    if (!profile || this.#isPassedOver(info, profile)) {
      queue.done(info.uid);
      return;
    }
    const startedMs = clock.now();
    const failure = this.#place(queued, profile);
    const seconds = (clock.now() - startedMs) / 1000;
    if (!failure) {
      metrics.attempt("scheduled", profile.name, seconds);
      return;
    }
    metrics.attempt(failure.reason === "Unschedulable" ? "unschedulable" : "error", profile.name, seconds);
    try {
      this.#options.failures.handle(queued, failure);
    } catch (error) {
      logger.error({ error: describeError(error) }, "failure of a pod not handled");
      queue.done(info.uid);
    }
  }

  #isPassedOver({ pod, uid, namespace, name, isTerminating }: PodInfo, profile: Profile): boolean {
    if (isTerminating) this.#recordSkipped(pod, profile, `skip schedule deleting pod: ${namespace}/${name}`);
    return isTerminating || this.#options.cache.isAssumed(uid);
  }

  #recordSkipped(pod: Pod, profile: Profile, note: string): void {
    const regarding = referenceTo(resources.pods, pod);
    const event = { regarding, type: "Warning", reason: "FailedScheduling", action: "Scheduling", note } as const;
    this.#options.recorderOf(profile).record(event);
  }

  /** Answers what stood against it; nothing where the pod is on its way to be bound. */
  #place(queued: QueuedPod, profile: Profile): Failure | undefined {
    try {
      const outcome = this.#options.podScheduler.schedule(queued.info, profile);
      switch (outcome.kind) {
        case "placed":
          return this.#assign(queued, profile, outcome.nodeName, outcome.states);
        case "no-nodes":
          return noNodesFailure;
        case "unschedulable":
          return failureOf(outcome.diagnosis, outcome.message, outcome.nominatedNodeName);
      }
    } catch (error) {
      return failureOfError(error);
    }
  }

  #assign(queued: QueuedPod, profile: Profile, nodeName: string, states: FilterStates): Failure | undefined {
    const { cache, nominator, bindings } = this.#options;
    const assumed = placeOn(queued.info, nodeName);
    const waits = new Map<string, number>();
    const assignment: Assignment = { queued, assumed, nodeName, profile, states, waits };
    const node = cache.node(nodeName)!;
    cache.assume(assumed, nodeName);
    nominator.delete(assumed.uid);
    try {
      for (const plugin of profile.reserve) {
        const what = `running Reserve plugin "${plugin.name}"`;
        const status = runPlugin(what, () => plugin.reserve!(states.get(plugin), assumed, nodeName));
        if (isRejection(status)) return this.#release(assignment, failureOnNode(node, status));
      }
      for (const plugin of profile.permit) {
        const what = `running Permit plugin "${plugin.name}"`;
        const status = runPlugin(what, () => plugin.permit!(states.get(plugin), assumed, nodeName));
        if (isRejection(status)) return this.#release(assignment, failureOnNode(node, status));
        if (status.code === "Wait") waits.set(plugin.name, Math.min(status.timeoutMs, longestPermitMs));
      }
    } catch (error) {
      return this.#release(assignment, failureOfError(error));
    }
    const binding = bindings.run(assignment).finally(() => this.#bindings.delete(binding));
    this.#bindings.add(binding);
    return undefined;
  }

  #release(assignment: Assignment, failure: Failure): Failure {
    this.#options.bindings.release(assignment);
    return failure;
  }
}

const longestPermitMs = 15 * 60_000;
