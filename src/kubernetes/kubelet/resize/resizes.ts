// Pods that are to have other resources than they were promised: those that fit get them at once, others wait until something
// becomes free. The pods' conditions tell how far it is.

import type { PodCondition } from "#kubernetes/api";
import { compareQuantities, parseQuantity } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import type { Clock } from "#shared";
import type { BoundPod } from "../pod/bound-pod.ts";
import { podRequests } from "../pod/resources.ts";
import type { PodEvents } from "../pod-events.ts";
import type { Refusal } from "../pods/refusal.ts";
import type { Allocations } from "./allocations.ts";

export interface ResizesOptions {
  readonly allocations: Allocations;
  readonly clock: Clock;
  readonly events: PodEvents;
  /** Whether the node can promise the pod what it asks for, in place of what it was promised before. */
  admit(pod: BoundPod): Refusal | undefined;
  /** The pod's promise or its conditions have changed. */
  onChange(pod: BoundPod): void;
}

export interface Resizes {
  /** The pod's spec as the API server has it now. */
  update(pod: BoundPod): void;
  /** Something has become free: tries again what waits. */
  retry(): void;
  /** Whether what the pod was promised is not yet what its containers have. Clears the condition, or sets it. */
  markProgress(pod: BoundPod, isResizing: boolean): void;
  /** Giving the containers what was promised has failed. */
  fail(pod: BoundPod, message: string): void;
  conditions(uid: string): PodCondition[];
  forget(uid: string): void;
  stop(): void;
}

interface Entry {
  /** With what it asks for. */
  pod: BoundPod;
  pending?: PodCondition;
  inProgress?: PodCondition;
}

const retryMs = 3 * 60_000;

export function createResizes(options: ResizesOptions): Resizes {
  return new ResizeDesk(options);
}

class ResizeDesk implements Resizes {
  readonly #options: ResizesOptions;
  readonly #entries = new Map<string, Entry>();
  #cancelRetry: (() => void) | undefined;

  constructor(options: ResizesOptions) {
    this.#options = options;
  }

  update(pod: BoundPod): void {
    const { uid } = pod.metadata;
    const { allocations } = this.#options;
    if (allocations.apply(pod) === pod) {
      // What was asked for has been taken back.
      const entry = this.#entries.get(uid);
      if (entry) delete entry.pending;
      return;
    }
    const entry = this.#entries.get(uid) ?? { pod };
    entry.pod = pod;
    this.#entries.set(uid, entry);
    this.#try(entry);
  }

  retry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const waiting = [...this.#entries.values()].filter(({ pending }) => pending?.reason === "Deferred");
    for (const entry of waiting.sort(moreUrgent)) this.#try(entry);
  }

  markProgress(pod: BoundPod, isResizing: boolean): void {
    const entry = this.#entries.get(pod.metadata.uid);
    if (isResizing) {
      this.#setProgress(entry ?? this.#open(pod), pod, "", "");
      return;
    }
    const generation = entry?.inProgress?.observedGeneration;
    if (!entry?.inProgress) return;
    delete entry.inProgress;
    this.#options.events.pod(pod, "Normal", "ResizeCompleted", describe("Pod resize completed", pod, { generation }));
  }

  fail(pod: BoundPod, message: string): void {
    const entry = this.#entries.get(pod.metadata.uid) ?? this.#open(pod);
    const isNew = this.#setProgress(entry, pod, "Error", message);
    const generation = entry.inProgress?.observedGeneration;
    const text = describe("Pod resize error", pod, { generation, error: message });
    if (isNew) this.#options.events.pod(pod, "Warning", "ResizeError", text);
  }

  conditions(uid: string): PodCondition[] {
    const { pending, inProgress } = this.#entries.get(uid) ?? {};
    return [pending, inProgress].filter((condition) => condition !== undefined);
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  stop(): void {
    this.#cancelRetry?.();
  }

  #open(pod: BoundPod): Entry {
    const entry: Entry = { pod };
    this.#entries.set(pod.metadata.uid, entry);
    return entry;
  }

  #try(entry: Entry): void {
    const { allocations, admit, onChange } = this.#options;
    const { pod } = entry;
    const refusal = admit(pod);
    if (refusal) {
      if (this.#setPending(entry, refusal)) onChange(allocations.apply(pod));
      this.#retryLater();
      return;
    }
    allocations.allocate(pod);
    delete entry.pending;
    delete entry.inProgress;
    this.#setProgress(entry, pod, "", "");
    const { generation } = pod.metadata;
    this.#options.events.pod(pod, "Normal", "ResizeStarted", describe("Pod resize started", pod, { generation }));
    onChange(pod);
  }

  /** Whether it tells anything new. */
  #setPending(entry: Entry, { message }: Refusal): boolean {
    const { pod, pending: old } = entry;
    const { generation } = pod.metadata;
    const reason = "Deferred";
    entry.pending = this.#condition("PodResizePending", old, { reason, message, generation });
    if (old?.reason === reason && old.observedGeneration === generation) return old.message !== message;
    const text = describe(`Pod resize ${reason}`, pod, { generation, error: message });
    this.#options.events.pod(pod, "Warning", "ResizeDeferred", text);
    return true;
  }

  #setProgress(entry: Entry, pod: BoundPod, reason: string, message: string): boolean {
    const old = entry.inProgress;
    const isQuiet = reason === "" && message === "";
    entry.inProgress = this.#condition("PodResizeInProgress", old, {
      reason: isQuiet ? (old?.reason ?? "") : reason,
      message: isQuiet ? (old?.message ?? "") : message,
      generation: old ? old.observedGeneration : pod.metadata.generation,
    });
    return old?.reason !== entry.inProgress.reason || old?.message !== entry.inProgress.message;
  }

  #condition(
    type: string,
    old: PodCondition | undefined,
    { reason, message, generation }: { reason: string; message: string; generation: number | undefined },
  ): PodCondition {
    const now = formatTime(this.#options.clock.now());
    const isSame = old && (old.reason ?? "") === reason;
    return {
      type,
      status: "True",
      lastProbeTime: now,
      lastTransitionTime: isSame && old.lastTransitionTime ? old.lastTransitionTime : now,
      ...(generation !== undefined && { observedGeneration: generation }),
      ...(reason && { reason }),
      ...(message && { message }),
    };
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#options.clock.after(retryMs, () => this.retry());
  }
}

/** Those that give something back first, then by priority, then those that have waited longest. */
function moreUrgent(a: Entry, b: Entry): number {
  const since = ({ pending }: Entry) => String(pending?.lastTransitionTime ?? "");
  return (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) || (since(a) < since(b) ? -1 : 1);
}

/** Whether the second list requests less of CPU or memory than the first. */
export function requestsLess(before: BoundPod, after: BoundPod): boolean {
  const [old, now] = [podRequests(before.spec), podRequests(after.spec)];
  return ["cpu", "memory"].some(
    (name) => compareQuantities(parseQuantity(now[name] ?? "0"), parseQuantity(old[name] ?? "0")) < 0,
  );
}

/** The text of an event, with the resources the pod asks for as JSON. */
function describe(
  what: string,
  { spec }: BoundPod,
  { generation, error }: { generation: number | undefined; error?: string },
): string {
  const list = (containers: BoundPod["spec"]["containers"]) =>
    containers.map(({ name, resources = {} }) => ({ name, resources: sorted(resources) }));
  const summary = {
    ...(spec.initContainers?.length && { initContainers: list(spec.initContainers) }),
    containers: list(spec.containers),
    generation,
    ...(error !== undefined && { error }),
  };
  return `${what}: ${JSON.stringify(summary)}`;
}

/** In upstream's order. */
function sorted(resources: NonNullable<BoundPod["spec"]["containers"][number]["resources"]>): object {
  const inOrder = (list: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { limits, requests, claims } = resources;
  return {
    ...(limits && { limits: inOrder(limits) }),
    ...(requests && { requests: inOrder(requests) }),
    ...(claims && { claims }),
  };
}
