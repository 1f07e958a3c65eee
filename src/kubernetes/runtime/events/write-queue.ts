// Writes events in the background: a bounded queue, several at once, but those of one key one after the other.

import { isStatusError } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";

const mostWaiting = 1000;
const mostAtOnce = 8;
const mostTries = 12;
const retryMs = 10_000;

export interface WriteQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Job {
  readonly key: string;
  readonly write: (signal: AbortSignal) => Promise<void>;
}

export class WriteQueue {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #waiting: Job[] = [];
  readonly #busyKeys = new Set<string>();
  #idle: (() => void)[] = [];

  constructor({ clock, logger }: WriteQueueOptions) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Queues a write. Drops it when too many wait. */
  push(key: string, write: Job["write"]): void {
    if (this.#abort.signal.aborted) return;
    if (this.#waiting.length >= mostWaiting) {
      this.#logger.debug({}, "event dropped: too many are waiting");
      return;
    }
    this.#waiting.push({ key, write });
    this.#startNext();
  }

  async flush(): Promise<void> {
    if (this.#waiting.length === 0 && this.#busyKeys.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#waiting = [];
    await this.flush();
  }

  #startNext(): void {
    while (this.#busyKeys.size < mostAtOnce) {
      const next = this.#waiting.findIndex(({ key }) => !this.#busyKeys.has(key));
      if (next < 0) break;
      const [job] = this.#waiting.splice(next, 1);
      this.#busyKeys.add(job!.key);
      void this.#run(job!);
    }
    if (this.#waiting.length === 0 && this.#busyKeys.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #run({ key, write }: Job): Promise<void> {
    const { signal } = this.#abort;
    for (let tries = 1; tries <= mostTries && !signal.aborted; tries++) {
      try {
        await write(signal);
        break;
      } catch (error) {
        if (signal.aborted) break;
        // What the server refuses it will refuse again; only when it cannot be reached is there a point in waiting.
        const isFinal = isStatusError(error) || tries === mostTries;
        this.#logger.debug({ error: describeError(error), isFinal }, "event not written");
        if (isFinal) break;
        await this.#clock.sleep(tries === 1 ? Math.random() * retryMs : retryMs, signal).catch(() => {});
      }
    }
    this.#busyKeys.delete(key);
    this.#startNext();
  }
}
