// Pods that may be tried again, but not yet: 1 s after the first failure, doubling to 10 s. One timer, for the first that is due.

import type { Clock } from "#shared";
import { Heap } from "./heap.ts";
import { hasRejectors, type QueuedPod } from "./queued-pod.ts";

/** Back-off ends with whole seconds, so that pods of the same second come back in order of priority. */
const windowMs = 1000;

export interface BackoffOptions {
  readonly clock: Clock;
  readonly initialMs: number;
  /** 0 turns back-off off. */
  readonly mostMs: number;
  /** The order of the active queue. */
  readonly isBefore: (a: QueuedPod, b: QueuedPod) => boolean;
  /** Called with the pods whose back-off has ended; they are out of this queue. */
  readonly onDue: (pods: readonly QueuedPod[]) => void;
}

export class BackoffQueue {
  readonly #options: BackoffOptions;
  /** Pods plug-ins rejected; these may come out early when there is nothing else to do. */
  readonly #rejected: Heap<QueuedPod>;
  /** Pods whose attempt ended with an error; these wait in any case. */
  readonly #failed: Heap<QueuedPod>;
  #timer: { readonly dueMs: number; cancel(): void } | undefined;

  constructor(options: BackoffOptions) {
    this.#options = options;
    const isDueBefore = (a: QueuedPod, b: QueuedPod) => {
      const [aDue, bDue] = [this.#endOf(a), this.#endOf(b)];
      return aDue === bDue ? options.isBefore(a, b) : aDue < bDue;
    };
    this.#rejected = new Heap(isDueBefore);
    this.#failed = new Heap(isDueBefore);
  }

  get size(): number {
    return this.#rejected.size + this.#failed.size;
  }

  *values(): Iterable<QueuedPod> {
    yield* this.#rejected.values();
    yield* this.#failed.values();
  }

  isBackingOff(pod: QueuedPod): boolean {
    return this.#endOf(pod) >= windowStart(this.#options.clock.now());
  }

  put(pod: QueuedPod): void {
    const heap = hasRejectors(pod) ? this.#rejected : this.#failed;
    heap.put(pod);
    this.#arm();
  }

  delete(pod: QueuedPod): boolean {
    return this.#rejected.delete(pod) || this.#failed.delete(pod);
  }

  has(pod: QueuedPod): boolean {
    return this.#rejected.has(pod) || this.#failed.has(pod);
  }

  /** The pod to try next although its back-off has not ended; for when there is none other. */
  popEarly(): QueuedPod | undefined {
    return this.#rejected.pop();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A pod backs off up to and in the window of its end. */
  #endOf(pod: QueuedPod): number {
    const { initialMs, mostMs } = this.#options;
    const count = pod.errorCount > 0 ? pod.errorCount : pod.unschedulableCount;
    if (mostMs === 0 || count === 0) return Number.NEGATIVE_INFINITY;
    if (pod.backoffUntilMs === 0) {
      pod.backoffUntilMs = windowStart(pod.timestampMs + Math.min(initialMs * 2 ** (count - 1), mostMs));
    }
    return pod.backoffUntilMs;
  }

  #arm(): void {
    const firsts = [this.#rejected.peek(), this.#failed.peek()].filter((pod) => pod !== undefined);
    if (firsts.length === 0) return;
    const dueMs = Math.min(...firsts.map((pod) => this.#endOf(pod))) + windowMs;
    if (this.#timer && this.#timer.dueMs <= dueMs) return;
    this.#timer?.cancel();
    const { clock } = this.#options;
    this.#timer = { dueMs, cancel: clock.after(dueMs - clock.now(), () => this.#fire()) };
  }

  #fire(): void {
    this.#timer = undefined;
    const due: QueuedPod[] = [];
    for (const heap of [this.#rejected, this.#failed]) {
      for (let pod = heap.peek(); pod && !this.isBackingOff(pod); pod = heap.peek()) {
        heap.delete(pod);
        due.push(pod);
      }
    }
    if (due.length > 0) this.#options.onDue(due);
    this.#arm();
  }
}

function windowStart(timeMs: number): number {
  return Math.floor(timeMs / windowMs) * windowMs;
}
