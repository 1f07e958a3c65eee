// The pods that have no node yet: those to try now, those to try after their back-off, and those that wait for a change. Events
// of the cluster move them; nothing is polled.

import type { KubeObject, Pod } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";
import { makePodInfo, type PodInfo } from "../cluster/pod-info.ts";
import { type ClusterEvent, events, isWildcard } from "../events.ts";
import type { Plugin } from "../framework.ts";
import type { QueueMetrics } from "../metrics.ts";
import { BackoffQueue } from "./backoff-queue.ts";
import { Heap } from "./heap.ts";
import type { HintTable, Requeue } from "./hint-table.ts";
import { InFlight } from "./in-flight.ts";
import { podChanges } from "./object-changes.ts";
import type { PodNominator } from "./pod-nominator.ts";
import { hasRejectors, makeQueuedPod, type QueuedPod } from "./queued-pod.ts";
import { UnschedulablePods } from "./unschedulable-pods.ts";

export interface SchedulingQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hints: HintTable;
  readonly nominator: PodNominator;
  /** QueueSort. */
  readonly isBefore: (a: QueuedPod, b: QueuedPod) => boolean;
  /** By scheduler name, the plug-ins with a preEnqueue. */
  readonly gates: ReadonlyMap<string, readonly Plugin[]>;
  readonly backoff: { readonly initialMs: number; readonly mostMs: number };
  /** How long a pod may wait for a change. */
  readonly mostUnschedulableMs: number;
  readonly metrics: QueueMetrics;
  /** Called when there may be a pod to take where there was none. */
  readonly onReady: () => void;
}

export class SchedulingQueue {
  readonly #options: SchedulingQueueOptions;
  readonly #pods = new Map<string, QueuedPod>();
  readonly #active: Heap<QueuedPod>;
  readonly #backoff: BackoffQueue;
  readonly #unschedulable: UnschedulablePods;
  readonly #inFlight = new InFlight();
  #sequence = 0;

  constructor(options: SchedulingQueueOptions) {
    this.#options = options;
    const { clock, mostUnschedulableMs } = options;
    const isBefore = (a: QueuedPod, b: QueuedPod) =>
      options.isBefore(a, b) || (!options.isBefore(b, a) && a.sequence < b.sequence);
    this.#active = new Heap(isBefore);
    this.#backoff = new BackoffQueue({ clock, isBefore, ...options.backoff, onDue: (pods) => this.#comeBack(pods) });
    this.#unschedulable = new UnschedulablePods({
      clock,
      mostMs: mostUnschedulableMs,
      onOverdue: (pods) => this.#moveAll(pods, events.unschedulableTimeout, undefined, undefined),
    });
  }

  /** How many pods wait where; gated ones are among the unschedulable. */
  get sizes(): {
    readonly active: number;
    readonly backoff: number;
    readonly unschedulable: number;
    readonly gated: number;
  } {
    let gated = 0;
    for (const { gatingPlugin } of this.#unschedulable.values()) if (gatingPlugin !== "") gated++;
    const unschedulable = this.#unschedulable.size - gated;
    return { active: this.#active.size, backoff: this.#backoff.size, unschedulable, gated };
  }

  /** The pod as it waits here; undefined where it does not. */
  get(uid: string): QueuedPod | undefined {
    return this.#pods.get(uid);
  }

  add(pod: Pod): void {
    const { clock } = this.#options;
    const known = this.#pods.get(pod.metadata.uid ?? "");
    if (known) this.#takeOut(known);
    this.#activate(makeQueuedPod(makePodInfo(pod), clock.now(), this.#sequence++), events.unscheduledPodAdd.label);
  }

  /** A pod without a node has changed. */
  update(old: Pod, pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    if (this.#inFlight.has(uid)) {
      for (const event of podChanges(old, pod)) this.#inFlight.record({ event, old, now: pod });
      return;
    }
    const queued = this.#pods.get(uid);
    if (!queued) {
      this.add(pod);
      return;
    }
    const previous = queued.info;
    queued.info = makePodInfo(pod, previous);
    this.#options.nominator.update(previous, queued.info);
    if (this.#active.has(queued)) this.#active.put(queued);
    else if (this.#backoff.has(queued)) this.#backoff.put(queued);
    else this.#reconsider(queued, podChanges(old, pod), old, pod);
  }

  delete(uid: string): void {
    this.#options.nominator.delete(uid);
    const queued = this.#pods.get(uid);
    if (queued) this.#takeOut(queued);
  }

  /** The pod to try next; it is in flight until `done` or `addUnschedulable`. */
  pop(): QueuedPod | undefined {
    for (;;) {
      const queued = this.#active.pop() ?? this.#backoff.popEarly();
      if (!queued) return undefined;
      this.#pods.delete(queued.info.uid);
      queued.attempts++;
      if (this.#inFlight.start(queued.info.uid)) return queued;
    }
  }

  /** The pod's attempt has ended, and it does not come back. */
  done(uid: string): void {
    this.#inFlight.finish(uid);
  }

  /** The pod's attempt has failed: it waits for a change, or for its back-off where one has come meanwhile. */
  addUnschedulable(queued: QueuedPod): void {
    const { clock } = this.#options;
    const { uid } = queued.info;
    if (this.#pods.has(uid)) {
      this.#inFlight.finish(uid);
      return;
    }
    if (hasRejectors(queued)) {
      queued.unschedulableCount++;
      queued.errorCount = 0;
    } else {
      queued.errorCount++;
    }
    queued.timestampMs = clock.now();
    queued.backoffUntilMs = 0;
    const requeue = this.#requeueOfInFlight(queued);
    this.#inFlight.finish(uid);
    this.#put(queued, requeue, "ScheduleAttemptFailure");
  }

  /** Something in the cluster has changed. `only` leaves pods out. */
  moveAll(
    event: ClusterEvent,
    old: KubeObject | undefined,
    now: KubeObject | undefined,
    only: (pod: PodInfo) => boolean = () => true,
  ): void {
    const plugins = this.#options.hints.pluginsFor(event);
    if (plugins.size === 0 && !isWildcard(event)) return;
    const waiting = this.#waitingFor(event, plugins).filter(({ info }) => only(info));
    this.#moveAll(waiting, event, old, now);
  }

  /** Pods the event may help: those not let in only where it concerns who does not, and only once that one does. */
  #waitingFor(event: ClusterEvent, plugins: ReadonlySet<string>): QueuedPod[] {
    if (isWildcard(event)) return [...this.#unschedulable.values()];
    const waiting = this.#unschedulable.rejectedBy(plugins);
    for (const queued of this.#unschedulable.gatedBy(plugins)) {
      if (!this.#isStillGated(queued) && this.#options.hints.interestsGate(queued, event)) waiting.push(queued);
    }
    return waiting;
  }

  /** Tries these pods again at once; one that is in flight as soon as it comes back. */
  activate(pods: readonly PodInfo[]): void {
    for (const info of pods) {
      const queued = this.#pods.get(info.uid);
      if (queued) {
        if (this.#active.has(queued)) continue;
        const skipsGates = this.#backoff.delete(queued);
        this.#activate(queued, events.forceActivate.label, skipsGates);
      } else if (this.#inFlight.has(info.uid)) {
        this.#inFlight.record({ event: events.forceActivate, old: undefined, now: info.pod });
      }
    }
  }

  stop(): void {
    this.#backoff.stop();
    this.#unschedulable.stop();
    this.#inFlight.clear();
  }

  #moveAll(
    waiting: readonly QueuedPod[],
    event: ClusterEvent,
    old: KubeObject | undefined,
    now: KubeObject | undefined,
  ): void {
    const { hints } = this.#options;
    for (const queued of waiting) {
      if (queued.gatingPlugin !== "" && !hints.interestsGate(queued, event)) continue;
      const requeue = hints.requeue(queued, { event, old, now });
      if (requeue !== "skip") this.#put(queued, requeue, event.label);
    }
    this.#inFlight.record({ event, old, now });
  }

  /** A waiting pod has itself changed. */
  #reconsider(queued: QueuedPod, changes: readonly ClusterEvent[], old: Pod, now: Pod): void {
    for (const event of changes) {
      const requeue = this.#options.hints.requeue(queued, { event, old, now });
      if (requeue !== "skip" && this.#put(queued, requeue, event.label)) return;
    }
  }

  #requeueOfInFlight(queued: QueuedPod): Requeue {
    // Once it is being bound nothing is noted for it any more, so that anything may have happened.
    if (!hasRejectors(queued) || !this.#inFlight.has(queued.info.uid)) return "after-backoff";
    let found: Requeue = "skip";
    for (const recorded of this.#inFlight.eventsSince(queued.info.uid)) {
      const requeue = this.#options.hints.requeue(queued, recorded);
      if (requeue === "immediately") return requeue;
      if (requeue === "after-backoff") found = requeue;
      if (found !== "skip" && queued.pendingPlugins.size === 0) return found;
    }
    return found;
  }

  /** Answers whether the pod now is where it may be taken from. */
  #put(queued: QueuedPod, requeue: Requeue, reason: string): boolean {
    if (requeue === "skip") {
      this.#wait(queued, reason);
      return false;
    }
    if (requeue === "after-backoff" && this.#backoff.isBackingOff(queued)) return this.#backOff(queued, reason);
    return this.#activate(queued, reason);
  }

  #wait(queued: QueuedPod, reason: string): void {
    const { metrics } = this.#options;
    if (!this.#unschedulable.get(queued.info.uid)) metrics.incoming("unschedulable", reason);
    this.#pods.set(queued.info.uid, queued);
    this.#unschedulable.put(queued);
  }

  #backOff(queued: QueuedPod, reason: string): boolean {
    const { metrics, onReady } = this.#options;
    if (!this.#passesGates(queued)) {
      this.#wait(queued, reason);
      return false;
    }
    this.#unschedulable.delete(queued.info.uid);
    this.#pods.set(queued.info.uid, queued);
    this.#backoff.put(queued);
    metrics.incoming("backoff", reason);
    onReady();
    return true;
  }

  #activate(queued: QueuedPod, reason: string, skipsGates = false): boolean {
    const { clock, metrics, nominator, onReady } = this.#options;
    if (!skipsGates && !this.#passesGates(queued)) {
      this.#wait(queued, reason);
      return false;
    }
    queued.firstAttemptMs ??= clock.now();
    this.#unschedulable.delete(queued.info.uid);
    this.#backoff.delete(queued);
    this.#pods.set(queued.info.uid, queued);
    this.#active.put(queued);
    metrics.incoming("active", reason);
    const isNews = reason === events.unscheduledPodAdd.label || reason === events.unscheduledPodUpdate.label;
    if (isNews) nominator.add(queued.info);
    onReady();
    return true;
  }

  /** Back-off has ended; the gates were passed on the way in. */
  #comeBack(pods: readonly QueuedPod[]): void {
    for (const queued of pods) this.#activate(queued, "BackoffComplete", true);
  }

  /** Asks the plug-in that keeps the pod out: cheaper than asking all whether the event would help, and only then this one. */
  #isStillGated(queued: QueuedPod): boolean {
    const gate = this.#gatesOf(queued).find(({ name }) => name === queued.gatingPlugin);
    return gate !== undefined && !this.#passesGate(queued, gate);
  }

  #gatesOf({ info }: QueuedPod): readonly Plugin[] {
    return this.#options.gates.get(info.pod.spec?.schedulerName ?? "") ?? [];
  }

  /** Asks the plug-in that kept the pod out last time first. */
  #passesGates(queued: QueuedPod): boolean {
    const gates = this.#gatesOf(queued);
    const last = gates.find(({ name }) => name === queued.gatingPlugin);
    if (last && !this.#passesGate(queued, last)) return false;
    for (const gate of gates) if (gate !== last && !this.#passesGate(queued, gate)) return false;
    queued.gatingPlugin = "";
    return true;
  }

  #passesGate(queued: QueuedPod, gate: Plugin): boolean {
    try {
      if (gate.preEnqueue!(queued.info).code === "Success") return true;
    } catch (error) {
      this.#options.logger.error({ plugin: gate.name, error: describeError(error) }, "PreEnqueue failed");
    }
    queued.unschedulablePlugins.add(gate.name);
    queued.gatingPlugin = gate.name;
    return false;
  }

  #takeOut(queued: QueuedPod): void {
    const { uid } = queued.info;
    this.#pods.delete(uid);
    if (!this.#active.delete(queued) && !this.#backoff.delete(queued)) this.#unschedulable.delete(uid);
  }
}
