// Pods between their place and their binding: held back by permit plug-ins, then in PreBind. Until the binding is under way they
// can lose the place again.

import type { Clock } from "#shared";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { WaitingPod, WaitingPods } from "../framework.ts";
import { type Rejection, type Success, success, unschedulable } from "../status.ts";

export class PodsInBinding implements WaitingPods {
  readonly #pods = new Map<string, PodInBinding>();

  get(uid: string): PodInBinding | undefined {
    return this.#pods.get(uid);
  }

  [Symbol.iterator](): IterableIterator<PodInBinding> {
    return this.#pods.values();
  }

  add(pod: PodInBinding): void {
    this.#pods.set(pod.pod.uid, pod);
  }

  delete(uid: string): void {
    this.#pods.delete(uid);
  }
}

export class PodInBinding implements WaitingPod {
  readonly pod: PodInfo;
  /** By plug-in, what cancels its time-out. */
  readonly #pending = new Map<string, () => void>();
  readonly #decided = Promise.withResolvers<Success | Rejection>();
  readonly #abort = new AbortController();
  #phase: "permit" | "pre-bind" | "decided" = "permit";

  /** `waits`: by plug-in, how long it may hold the pod back. */
  constructor(pod: PodInfo, waits: ReadonlyMap<string, number>, clock: Clock) {
    this.pod = pod;
    this.#decided.promise.catch(() => {});
    for (const [plugin, timeoutMs] of waits) {
      const reason = `rejected due to timeout after waiting ${timeoutMs / 1000}s at plugin ${plugin}`;
      this.#pending.set(
        plugin,
        clock.after(timeoutMs, () => this.reject(plugin, reason)),
      );
    }
    if (waits.size === 0) this.#decided.resolve(success);
  }

  get pendingPlugins(): readonly string[] {
    return [...this.#pending.keys()];
  }

  /** Fires when the pod is preempted in PreBind. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolves when all plug-ins have allowed the pod or one has rejected it; throws where it was preempted. */
  get permitted(): Promise<Success | Rejection> {
    return this.#decided.promise;
  }

  allow(plugin: string): void {
    this.#pending.get(plugin)?.();
    this.#pending.delete(plugin);
    if (this.#pending.size === 0 && this.#phase === "permit") this.#decided.resolve(success);
  }

  reject(plugin: string, reason: string): boolean {
    return this.#end(() => this.#decided.resolve(unschedulable(plugin, reason)));
  }

  preempt(plugin: string, reason: string): boolean {
    if (this.#phase === "pre-bind") {
      this.#abort.abort(new Error(`${reason} by ${plugin}`));
      return true;
    }
    return this.#end(() => this.#decided.reject(new Error(`waiting on permit for pod: ${reason}`)));
  }

  enterPreBind(): void {
    this.#phase = "pre-bind";
  }

  /** The binding is under way: from here on the pod keeps its place. */
  decide(): void {
    this.#phase = "decided";
  }

  #end(settle: () => void): boolean {
    if (this.#phase !== "permit") return false;
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
    this.#phase = "decided";
    settle();
    return true;
  }
}
