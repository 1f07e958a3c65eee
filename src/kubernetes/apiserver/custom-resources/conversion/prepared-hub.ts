// A watch hub for objects that a webhook has to convert before they can be shown: every watcher has a line of its own, in which
// changes wait for their conversion without losing their order.

import type { Collection, StoredObject, StoreEvent } from "#kubernetes/store";
import { bucketsOfKey, type WatchHub, type WatchRequest } from "../../registry/watch/watch-hub.ts";
import { ChangeRecords } from "../../registry/watch/watch-record.ts";

export interface PreparedHubOptions {
  readonly collection: Collection;
  readonly view: (stored: StoredObject) => StoredObject;
  readonly prepare: (stored: readonly StoredObject[]) => Promise<void> | undefined;
}

export function createPreparedHub(options: PreparedHubOptions): WatchHub {
  const lines = new Set<Line>();
  return {
    watch(request) {
      const line = new Line(request, options, () => lines.delete(line));
      lines.add(line);
      line.start();
      return () => line.stop();
    },
    countWatchers: () => lines.size,
    close() {
      for (const line of [...lines]) line.end(new Error("the server is shutting down"));
    },
  };
}

class Line {
  readonly #request: WatchRequest;
  readonly #options: PreparedHubOptions;
  readonly #onStop: () => void;
  #tail: Promise<void> = Promise.resolve();
  #stopWatch: (() => void) | undefined;
  #isStopped = false;

  constructor(request: WatchRequest, options: PreparedHubOptions, onStop: () => void) {
    this.#request = request;
    this.#options = options;
    this.#onStop = onStop;
  }

  /** Throws CompactedError. */
  start(): void {
    try {
      const watch = this.#options.collection.watch(
        this.#request.after,
        (events) => this.#queue(events),
        (error) => this.end(error),
      );
      this.#stopWatch = () => watch.stop();
      if (this.#isStopped) watch.stop();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWatch?.();
    this.#onStop();
  }

  end(error: Error): void {
    if (this.#isStopped) return;
    this.stop();
    this.#request.end(error);
  }

  #queue(events: readonly StoreEvent[]): void {
    const wanted = events.filter(({ current }) => bucketsOfKey(current.key).includes(this.#request.bucket));
    if (wanted.length === 0) return;
    const deliver = async () => {
      if (this.#isStopped) return;
      await this.#options.prepare(
        wanted.flatMap(({ current, previous }) => (previous ? [current, previous] : [current])),
      );
      if (!this.#isStopped) this.#tell(wanted);
    };
    this.#tail = this.#tail.then(deliver).catch((error: Error) => this.end(error));
  }

  #tell(events: readonly StoreEvent[]): void {
    const { matches, push } = this.#request;
    const records = events
      .map((event) => new ChangeRecords(event, this.#options.view).recordFor(matches))
      .filter((record) => record !== undefined);
    if (records.length > 0) push(records);
  }
}
