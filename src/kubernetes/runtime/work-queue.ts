// The queue of a controller: each key at most once, never two workers on one key, delays, and back-off for keys that fail.
// The semantics of client-go's workqueue.

import { type Clock, systemClock } from "#shared";
import { DelayQueue } from "./delay-queue.ts";
import { noQueueMetrics, type WorkQueueMetrics } from "./metrics.ts";
import { Pace } from "./pace.ts";

/** What may be asked of a queue from outside the controller: look at this key, now or later. */
export interface KeyQueue {
  add(key: string): void;
  /** Adds the key after a time; a key that waits already keeps the earlier of its two times. */
  addAfter(key: string, delayMs: number): void;
  /** Adds the key after its back-off: 5 ms, doubled for each time since `forget`, at most 1000 s. */
  addRateLimited(key: string): void;
  /** Resets the key's back-off. */
  forget(key: string): void;
  /** How often the key was added rate limited since `forget`. */
  retries(key: string): number;
}

const firstDelayMs = 5;
const mostDelayMs = 1_000_000;

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly metrics?: WorkQueueMetrics;
  /** Called whenever a key can be taken. */
  readonly onReady: () => void;
}

export class WorkQueue implements KeyQueue {
  readonly #clock: Clock;
  readonly #metrics: WorkQueueMetrics;
  readonly #onReady: () => void;
  readonly #delayed: DelayQueue;
  readonly #ready = new Fifo();
  /** Keys to be looked at: those in `#ready`, and those being worked on that changed meanwhile. With the time they were added. */
  readonly #dirty = new Map<string, number>();
  readonly #working = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #pace = new Pace();
  /** Keys that could be taken, were they not to rest. */
  readonly #resting = new DelayQueue(systemClock, (key) => this.#push(key));
  #isStopped = false;

  constructor({ clock, metrics = noQueueMetrics, onReady }: WorkQueueOptions) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#onReady = onReady;
    this.#delayed = new DelayQueue(clock, (key) => this.add(key));
    metrics.watchWork(() => this.#working.values().map((since) => clock.now() - since));
  }

  /** How many keys could be taken now. */
  get length(): number {
    return this.#ready.length;
  }

  /** How many keys wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  add(key: string): void {
    if (this.#isStopped || this.#dirty.has(key)) return;
    this.#dirty.set(key, this.#clock.now());
    this.#metrics.added();
    if (!this.#working.has(key)) this.#enter(key);
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return;
    if (delayMs <= 0) this.add(key);
    else this.#delayed.add(key, delayMs);
  }

  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics.retried();
    this.addAfter(key, Math.min(firstDelayMs * 2 ** failures, mostDelayMs));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key; the caller works on it alone until it calls `finish`. */
  take(): string | undefined {
    const key = this.#ready.shift();
    if (key === undefined) return undefined;
    const now = this.#clock.now();
    this.#metrics.taken(now - (this.#dirty.get(key) ?? now), this.#ready.length);
    this.#dirty.delete(key);
    this.#working.set(key, now);
    return key;
  }

  /** The work on a key has ended, having kept the thread so long; if it changed meanwhile, it is there to take again. */
  finish(key: string, busyMs = 0): void {
    this.#pace.note(key, busyMs);
    const startedAt = this.#working.get(key);
    this.#working.delete(key);
    if (startedAt !== undefined) this.#metrics.finished(this.#clock.now() - startedAt);
    if (this.#dirty.has(key)) this.#enter(key);
  }

  /** Forgets all keys and takes no more. */
  stop(): void {
    this.#isStopped = true;
    this.#delayed.clear();
    this.#resting.clear();
    this.#ready.clear();
    this.#dirty.clear();
  }

  #enter(key: string): void {
    const restMs = this.#pace.restMs(key);
    if (restMs > 0) this.#resting.add(key, restMs);
    else this.#push(key);
  }

  #push(key: string): void {
    this.#ready.push(key);
    this.#metrics.depthChanged(this.#ready.length);
    this.#onReady();
  }
}

/** First in, first out; an array's own shift is linear for long queues. */
class Fifo {
  #items: string[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: string): void {
    this.#items.push(item);
  }

  shift(): string | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
