// Waiting longer after each failure: 10 s doubling to 5 min, forgotten after twice that. One for restarts, one for image pulls.

import type { Clock } from "#shared";

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
}

interface Entry {
  delayMs: number;
  updatedAt: number;
}

/** Upstream's values for restarts and pulls alike. */
export const restartBackoff: BackoffOptions = { initialMs: 10_000, maxMs: 300_000 };

export class Backoff {
  readonly #options: BackoffOptions;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(options: BackoffOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** How long after `since` the next try may come; 0 when it may come now. `since` is the last failure (default: its record). */
  remaining(key: string, since?: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#isForgotten(entry, since)) return 0;
    return Math.max(0, (since ?? entry.updatedAt) + entry.delayMs - this.#clock.now());
  }

  /** The delay in force. */
  delayOf(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** Counts a failure (at `since`, default: now): the delay begins, or doubles. */
  next(key: string, since?: number): void {
    const entry = this.#entries.get(key);
    const now = this.#clock.now();
    const { initialMs, maxMs } = this.#options;
    if (!entry || this.#isForgotten(entry, since)) this.#entries.set(key, { delayMs: initialMs, updatedAt: now });
    else this.#entries.set(key, { delayMs: Math.min(entry.delayMs * 2, maxMs), updatedAt: now });
  }

  /** Forgets what has not failed for long. */
  sweep(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#clock.now() - entry.updatedAt > 2 * this.#options.maxMs) this.#entries.delete(key);
    }
  }

  /** A thing that went well for twice the longest delay starts over. */
  #isForgotten(entry: Entry, since = this.#clock.now()): boolean {
    return since - entry.updatedAt > 2 * this.#options.maxMs;
  }
}

/** As Go writes durations: "10s", "2m40s", "5m0s". */
export function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
