// Time as an argument: everything that waits or stamps takes a Clock, so that tests can run it without waiting.

/** Wall time and timers. Units are milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `action` once after `delayMs`; the answer cancels it. A pending timer does not keep the process alive. */
  after(delayMs: number, action: () => void): () => void;
  /** Resolves after `delayMs`; rejects with the signal's reason if that fires first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay a Node timer takes; longer ones would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(Math.max(delayMs, 0), longestTimerMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
        Math.min(Math.max(delayMs, 0), longestTimerMs),
      );
      signal?.addEventListener("abort", stop, { once: true });
    });
  },
};
