// Keeps something in memory in step with a collection of the store: tells of every object there is, then of every change.

import type { KubeObject } from "#kubernetes/api";
import {
  type Collection,
  CompactedError,
  type StoredObject,
  type StoreEvent,
  type StoreWatch,
} from "#kubernetes/store";

/** Calls arrive in order of the changes. Neither may throw; objects are shared. */
export interface MirrorHandler<T extends KubeObject> {
  /** There is a new object, or a new state of one. */
  put(key: string, object: T, stored: StoredObject): void;
  remove(key: string): void;
}

export interface StoreMirror {
  /** Resolves when every object that was there at the start has been told of. */
  readonly ready: Promise<void>;
  stop(): void;
}

const retryMs = 1000;

/** Starts mirroring; what was lost when the store has forgotten changes in between is made up for by a new list. */
export function mirrorCollection<T extends KubeObject>(collection: Collection, handler: MirrorHandler<T>): StoreMirror {
  const known = new Set<string>();
  let watch: StoreWatch | undefined;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  const put = (stored: StoredObject) => {
    known.add(stored.key);
    handler.put(stored.key, stored.object as T, stored);
  };
  const remove = (key: string) => {
    if (known.delete(key)) handler.remove(key);
  };
  const follow = (events: readonly StoreEvent[]) => {
    for (const { type, current } of events) {
      if (type === "put") put(current);
      else remove(current.key);
    }
  };
  const start = async (): Promise<void> => {
    const { items, revision } = await collection.list();
    if (stopped) return;
    const present = new Set(items.map((item) => item.key));
    for (const key of [...known]) if (!present.has(key)) remove(key);
    for (const item of items) put(item);
    watch = collection.watch(revision, follow, restart);
  };
  const restart = (error: Error) => {
    if (!stopped && error instanceof CompactedError) listAgain();
  };
  // The store may be out of reach at just this moment: it is asked until it answers, for what is known is old by now.
  const listAgain = () => {
    if (stopped) return;
    start().catch(() => {
      retry = setTimeout(listAgain, retryMs).unref();
    });
  };

  return {
    ready: start(),
    stop() {
      stopped = true;
      clearTimeout(retry);
      watch?.stop();
    },
  };
}
