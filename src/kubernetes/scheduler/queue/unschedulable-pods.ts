// Pods that wait for a change in the cluster, found by the plug-ins that rejected them, or by the one that does not let them in. One
// timer sees to it that none waits for ever for a change nobody noticed.

import type { Clock } from "#shared";
import type { QueuedPod } from "./queued-pod.ts";

export interface UnschedulableOptions {
  readonly clock: Clock;
  /** How long a pod may wait. */
  readonly mostMs: number;
  /** Called with pods that have waited so long; they are still in here. Gated ones never are. */
  readonly onOverdue: (pods: readonly QueuedPod[]) => void;
}

export class UnschedulablePods {
  readonly #options: UnschedulableOptions;
  readonly #pods = new Map<string, QueuedPod>();
  /** Those that may be tried, by plug-ins that rejected them. */
  readonly #byPlugin = new Map<string, Set<QueuedPod>>();
  /** Those that may not, by the plug-in that says so. */
  readonly #gatedBy = new Map<string, Set<QueuedPod>>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: UnschedulableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#pods.size;
  }

  values(): Iterable<QueuedPod> {
    return this.#pods.values();
  }

  get(uid: string): QueuedPod | undefined {
    return this.#pods.get(uid);
  }

  /** Adds the pod, or notes its rejectors anew. */
  put(pod: QueuedPod): void {
    this.delete(pod.info.uid);
    this.#pods.set(pod.info.uid, pod);
    if (pod.gatingPlugin !== "") {
      addUnder(this.#gatedBy, pod.gatingPlugin, pod);
      return;
    }
    for (const plugin of pod.unschedulablePlugins) addUnder(this.#byPlugin, plugin, pod);
    for (const plugin of pod.pendingPlugins) addUnder(this.#byPlugin, plugin, pod);
    this.#arm(pod.timestampMs);
  }

  delete(uid: string): boolean {
    const pod = this.#pods.get(uid);
    if (!pod) return false;
    this.#pods.delete(uid);
    for (const index of [this.#byPlugin, this.#gatedBy]) {
      for (const [plugin, pods] of index) if (pods.delete(pod) && pods.size === 0) index.delete(plugin);
    }
    return true;
  }

  /** The pods one of these plug-ins does not let in. */
  *gatedBy(plugins: ReadonlySet<string>): Iterable<QueuedPod> {
    for (const plugin of plugins) yield* this.#gatedBy.get(plugin) ?? [];
  }

  /** The pods one of these plug-ins has rejected, gated ones left out. */
  rejectedBy(plugins: ReadonlySet<string>): QueuedPod[] {
    const found = new Set<QueuedPod>();
    for (const plugin of plugins) for (const pod of this.#byPlugin.get(plugin) ?? []) found.add(pod);
    return [...found];
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(timestampMs: number): void {
    const { clock, mostMs } = this.#options;
    this.#cancelTimer ??= clock.after(timestampMs + mostMs + 1 - clock.now(), () => this.#fire());
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    const { clock, mostMs, onOverdue } = this.#options;
    const waiting = [...this.#pods.values()].filter(({ gatingPlugin }) => gatingPlugin === "");
    const overdue = waiting.filter(({ timestampMs }) => clock.now() - timestampMs > mostMs);
    if (overdue.length > 0) onOverdue(overdue);
    const left = [...this.#pods.values()].filter(({ gatingPlugin }) => gatingPlugin === "");
    if (left.length > 0) this.#arm(Math.max(clock.now() - mostMs, Math.min(...left.map((pod) => pod.timestampMs))));
  }
}

function addUnder(index: Map<string, Set<QueuedPod>>, plugin: string, pod: QueuedPod): void {
  const pods = index.get(plugin);
  if (pods) pods.add(pod);
  else index.set(plugin, new Set([pod]));
}
