// Runs a job whenever it is asked for: at once when idle, and while it is asked for all the time, once for many requests, resting in
// between for longer than it runs, so that a churning cluster costs a node no more than a part of one core.

import { type Backoff, createBackoff } from "#kubernetes/client";
import type { Clock } from "#shared";

export interface SyncRunnerOptions {
  readonly clock: Clock;
  /** Carries out all there is to do now. A throw means: try again, after a while. */
  run(signal: AbortSignal): Promise<void>;
  /** Told of every throw. */
  onFailure(error: unknown): void;
}

export interface SyncRunner {
  /** Asks for a run that begins after this call. */
  request(): void;
  /** Resolves when no run is under way and none will be. */
  stop(): Promise<void>;
}

/** A run of 20 ms is followed by 60 ms of rest: a quarter of a core at most. */
const restPerRun = 3;
const longestRestMs = 1000;
const firstRetryMs = 100;

export function createSyncRunner({ clock, run, onFailure }: SyncRunnerOptions): SyncRunner {
  const stopping = new AbortController();
  const { signal } = stopping;
  const backoff = createBackoff({ clock, firstMs: firstRetryMs });
  let isWanted = false;
  let loop: Promise<void> | undefined;

  const runUntilIdle = async (): Promise<void> => {
    // What else comes in this turn of the event loop belongs to the same run.
    await new Promise((resolve) => setImmediate(resolve));
    while (isWanted && !signal.aborted) {
      isWanted = false;
      const startedAt = clock.now();
      if (await attempt(run, { signal, backoff, onFailure })) {
        if (isWanted) await rest(Math.min((clock.now() - startedAt) * restPerRun, longestRestMs));
      } else {
        isWanted = true;
      }
    }
  };
  const rest = (restMs: number) => clock.sleep(restMs, signal).catch(() => {});

  return {
    request() {
      isWanted = true;
      if (signal.aborted || loop) return;
      loop = runUntilIdle().finally(() => {
        loop = undefined;
      });
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly backoff: Backoff;
  onFailure(error: unknown): void;
}

/** Whether it went well; waits where it did not. */
async function attempt(
  run: (signal: AbortSignal) => Promise<void>,
  { signal, backoff, onFailure }: Attempt,
): Promise<boolean> {
  try {
    await run(signal);
    backoff.reset();
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    onFailure(error);
    await backoff.wait(signal).catch(() => {});
    return false;
  }
}
