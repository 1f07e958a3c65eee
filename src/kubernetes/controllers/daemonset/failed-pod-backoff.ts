// Holds the deletion of failed daemon pods back, ever longer, so that a node that rejects a pod is not fought with.

import type { Clock } from "#shared";

const firstMs = 1000;
const mostMs = 15 * 60_000;

interface Entry {
  delayMs: number;
  lastAt: number;
}

export class FailedPodBackoff {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the key must still wait; 0: it may be deleted now. */
  remainingMs(key: string): number {
    const entry = this.#entries.get(key);
    if (!entry) return 0;
    return Math.max(0, entry.lastAt + entry.delayMs - this.#clock.now());
  }

  /** A pod is deleted: the next will wait twice as long, unless that is long ago. */
  next(key: string): void {
    const now = this.#clock.now();
    this.#forgetOld(now);
    const entry = this.#entries.get(key);
    const delayMs = entry ? Math.min(entry.delayMs * 2, mostMs) : firstMs;
    this.#entries.set(key, { delayMs, lastAt: now });
  }

  #forgetOld(now: number): void {
    for (const [key, entry] of this.#entries) if (now - entry.lastAt > 2 * mostMs) this.#entries.delete(key);
  }
}
