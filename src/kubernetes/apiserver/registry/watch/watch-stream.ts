// A watch as an in-process caller reads it: an async iterable of batches, each all that had happened when the reader asked.

import type { WatchEvent, WatchStream } from "#kubernetes/api";
import type { WatchAnswer, WatchRecord } from "../../call.ts";

/** A reader that lets more than this many events pile up is cut off, as a slow socket would be. */
const mostPending = 100_000;

/** The stream of a watch; it starts with the first read and ends with the signal. */
export function streamWatch(answer: WatchAnswer, signal: AbortSignal | undefined): WatchStream {
  return { [Symbol.asyncIterator]: () => new WatchReader(answer, signal) };
}

class WatchReader implements AsyncIterator<readonly WatchEvent[]> {
  #pending: WatchRecord[] = [];
  #ended = false;
  #waiting: ((result: IteratorResult<readonly WatchEvent[]>) => void) | undefined;
  #stop: () => void = () => {};

  constructor(answer: WatchAnswer, signal: AbortSignal | undefined) {
    const stop = answer.open({ push: (records) => this.#push(records), end: () => this.#end() });
    const abort = () => this.#end();
    signal?.addEventListener("abort", abort, { once: true });
    this.#stop = () => {
      signal?.removeEventListener("abort", abort);
      stop();
    };
    if (this.#ended) this.#stop();
    if (signal?.aborted) this.#end();
  }

  next(): Promise<IteratorResult<readonly WatchEvent[]>> {
    if (this.#pending.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<readonly WatchEvent[]>> {
    this.#pending = [];
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #push(records: readonly WatchRecord[]): void {
    if (this.#ended) return;
    if (this.#pending.length > mostPending) {
      this.#end();
      return;
    }
    for (const record of records) this.#pending.push(record);
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    waiting({ done: false, value: this.#take() });
  }

  #take(): readonly WatchEvent[] {
    const taken = this.#pending;
    this.#pending = [];
    return taken;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stop();
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }
}
