// Pods that wait for a change in the cluster, found by the plug-ins that rejected them. One timer sees to it that none waits for
// ever for a change nobody noticed.

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
  readonly #byPlugin = new Map<string, Set<QueuedPod>>();
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
    for (const plugin of rejectorsOf(pod)) {
      const pods = this.#byPlugin.get(plugin);
      if (pods) pods.add(pod);
      else this.#byPlugin.set(plugin, new Set([pod]));
    }
    if (pod.gatingPlugin === "") this.#arm(pod.timestampMs);
  }

  delete(uid: string): boolean {
    const pod = this.#pods.get(uid);
    if (!pod) return false;
    this.#pods.delete(uid);
    for (const [plugin, pods] of this.#byPlugin) {
      if (pods.delete(pod) && pods.size === 0) this.#byPlugin.delete(plugin);
    }
    return true;
  }

  /** The pods one of these plug-ins has rejected. */
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

function rejectorsOf({ unschedulablePlugins, pendingPlugins, gatingPlugin }: QueuedPod): Set<string> {
  const plugins = new Set([...unschedulablePlugins, ...pendingPlugins]);
  if (gatingPlugin !== "") plugins.add(gatingPlugin);
  return plugins;
}
