// Waits between failed attempts: doubling, with jitter, so that the clients of a server that comes back do not come all at once.

import type { Clock } from "#shared";

export interface BackoffOptions {
  readonly clock: Clock;
  /** Default 200. */
  readonly firstMs?: number;
  /** Default 30,000. */
  readonly mostMs?: number;
  /** Between 0 and 1, as Math.random, which is the default. */
  readonly random?: () => number;
}

export interface Backoff {
  /** Waits the present delay and up to as much again; doubles it for the next time. */
  wait(signal?: AbortSignal): Promise<void>;
  /** Things work again. */
  reset(): void;
}

export function createBackoff({
  clock,
  firstMs = 200,
  mostMs = 30_000,
  random = Math.random,
}: BackoffOptions): Backoff {
  let delayMs = firstMs;
  return {
    async wait(signal) {
      const jitteredMs = delayMs * (1 + random());
      delayMs = Math.min(delayMs * 2, mostMs);
      await clock.sleep(jitteredMs, signal);
    },
    reset() {
      delayMs = firstMs;
    },
  };
}
