// Objects that go by themselves: a heap by expiry and one timer, set for the first.

import type { Clock } from "#shared";
import type { EncodedObject } from "./stored-object.ts";
import type { WriteTarget } from "./write-queue.ts";

/** A state that is to go. It is named, not held: most are written again before. */
export interface Expiring {
  readonly target: WriteTarget;
  readonly key: string;
  readonly revision: number;
  /** In seconds since the epoch. */
  readonly expiresAt: number;
}

/** Below this many entries outdated ones are not worth looking for. */
const fewEntries = 1024;

export class ExpiryQueue {
  readonly #clock: Clock;
  readonly #onDue: (expiring: Expiring) => void;
  #heap: Expiring[] = [];
  #sweepAt = fewEntries;
  #timerFor = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  /** `onDue` is called with each state whose time has come, if it is still there then. */
  constructor(clock: Clock, onDue: (expiring: Expiring) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(target: WriteTarget, { key, revision, expiresAt }: EncodedObject): void {
    if (this.#heap.length >= this.#sweepAt) this.#sweep();
    this.#heap.push({ target, key, revision, expiresAt });
    this.#rise(this.#heap.length - 1);
    this.#setTimer();
  }

  stop(): void {
    this.#heap = [];
    this.#setTimer();
  }

  /** An object written over and over leaves an entry each time: when these may be half of all, they are dropped. */
  #sweep(): void {
    this.#heap = this.#heap.filter(isCurrent);
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
    this.#sweepAt = Math.max(fewEntries, this.#heap.length * 2);
  }

  #setTimer(): void {
    const due = this.#heap[0]?.expiresAt ?? Number.POSITIVE_INFINITY;
    if (due === this.#timerFor) return;
    this.#cancelTimer?.();
    this.#timerFor = due;
    if (due === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#clock.after(due * 1000 - this.#clock.now(), () => this.#runDue());
  }

  #runDue(): void {
    this.#timerFor = Number.POSITIVE_INFINITY;
    const now = this.#clock.now() / 1000;
    while (this.#heap[0] && this.#heap[0].expiresAt <= now) {
      const expiring = this.#pop();
      if (isCurrent(expiring)) this.#onDue(expiring);
    }
    this.#setTimer();
  }

  #pop(): Expiring {
    const first = this.#heap[0]!;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(at: number): void {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(at: number): void {
    for (;;) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#isBefore(child, first)) first = child;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const entry = this.#heap[a];
    return entry !== undefined && entry.expiresAt < this.#heap[b]!.expiresAt;
  }

  #swap(a: number, b: number): void {
    const entry = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = entry;
  }
}

function isCurrent({ target, key, revision }: Expiring): boolean {
  return target.collection.get(key)?.revision === revision;
}
