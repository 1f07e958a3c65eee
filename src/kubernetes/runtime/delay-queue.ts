// Keys that become due at a time: a heap with one timer for the earliest, however many wait.

import type { Clock } from "#shared";

interface Entry {
  readonly key: string;
  readonly dueMs: number;
}

/** Hands each key to `onDue` once when its time has come. */
export class DelayQueue {
  readonly #clock: Clock;
  readonly #onDue: (key: string) => void;
  /** A binary heap, earliest first. Entries that `#dueTimes` does not agree with are leftovers, skipped when they surface. */
  readonly #heap: Entry[] = [];
  readonly #dueTimes = new Map<string, number>();
  #timer: { readonly dueMs: number; cancel(): void } | undefined;

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#dueTimes.size;
  }

  /** Adds the key, due after `delayMs`. A key that waits already keeps the earlier of its two times. */
  add(key: string, delayMs: number): void {
    const dueMs = this.#clock.now() + delayMs;
    const known = this.#dueTimes.get(key);
    if (known !== undefined && known <= dueMs) return;
    this.#dueTimes.set(key, dueMs);
    this.#push({ key, dueMs });
    this.#arm();
  }

  /** Takes the key out. */
  remove(key: string): void {
    this.#dueTimes.delete(key);
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#heap.length = 0;
    this.#dueTimes.clear();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (!first || (this.#timer && this.#timer.dueMs <= first.dueMs)) return;
    this.#timer?.cancel();
    const cancel = this.#clock.after(first.dueMs - this.#clock.now(), () => this.#fire());
    this.#timer = { dueMs: first.dueMs, cancel };
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first && first.dueMs <= now; first = this.#heap[0]) {
      this.#pop();
      if (this.#dueTimes.get(first.key) !== first.dueMs) continue;
      this.#dueTimes.delete(first.key);
      this.#onDue(first.key);
    }
    this.#arm();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.dueMs <= entry.dueMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.dueMs < heap[child]!.dueMs) child++;
      if (heap[child]!.dueMs >= last.dueMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
