// The contract of the versioned store: what the registry may rely on, whichever engine is behind it. Engines run the same
// suite (store-suite.ts). The store knows an object's JSON and its resourceVersion, and nothing else of Kubernetes.

import type { KubeObject } from "#kubernetes/api";

/**
 * An object at one revision. `object` and `bytes` are shared by everybody who reads it: neither may be changed. The bytes
 * are its JSON with metadata.resourceVersion in it, made once; the object is parsed on first use and may be forgotten again.
 */
export interface StoredObject {
  /** The key below the collection's prefix, such as "default/web-1". */
  readonly key: string;
  /** The revision of the write that made it: its resourceVersion. */
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly object: KubeObject;
}

/** A change, as watches see it. A delete carries the last state, its resourceVersion set to the delete's revision. */
export interface StoreEvent {
  readonly type: "put" | "delete";
  readonly revision: number;
  readonly current: StoredObject;
  /** The state before; absent when the object is new. */
  readonly previous?: StoredObject;
}

export interface PutOptions {
  /** The object goes by itself after so many seconds, or one more (upstream's etcd leases: Events). Default: it stays. */
  readonly ttlSeconds?: number;
}

/** A write carries the revision it was based on; when another came first it changes nothing and hands back what is there. */
export type WriteResult =
  | { readonly written: true; readonly stored: StoredObject }
  | { readonly written: false; readonly current: StoredObject | undefined };

export interface ListOptions {
  /** Only keys that start so, such as "default/". Default: all. */
  readonly keyPrefix?: string;
  /** Start after this key. */
  readonly after?: string;
  /** At most so many objects. Default: all. */
  readonly limit?: number;
  /** The state at exactly this revision. Default: the latest. Throws CompactedError when it is too old to know. */
  readonly revision?: number;
}

export interface ListResult {
  /** In key order. */
  readonly items: readonly StoredObject[];
  /** The revision the list shows. */
  readonly revision: number;
  /** How many more objects follow beyond `limit`. */
  readonly remaining: number;
}

/** All objects of one resource: those whose full key starts with the prefix, as in upstream's etcd layout. */
export interface Collection {
  /** Such as "/registry/pods/". */
  readonly prefix: string;

  /** The latest object under the key. Sees every write acknowledged before the call, by any server on the same data. */
  get(key: string): Promise<StoredObject | undefined>;

  list(options?: ListOptions): Promise<ListResult>;

  /** How many objects there are now, as this server knows it. */
  count(): number;

  /**
   * Writes the object if the key is at `expected` (a revision; 0: there is no such key). The object belongs to the store
   * from here on: its metadata.resourceVersion is set to the new revision, then it is encoded, and readers may be handed this
   * very object. Resolves when it is on disk; nobody sees it before. Rejects when it is no JSON, and when it cannot be made
   * durable: the store is then closed for good.
   */
  put(key: string, object: KubeObject, expected: number, options?: PutOptions): Promise<WriteResult>;

  /** Deletes the key if it is at `expected`. `stored` in the result is the last state, as the delete event shows it. */
  delete(key: string, expected: number): Promise<WriteResult>;

  /**
   * Calls `listener` with every change after revision `after`, in order, without gaps: first those already known, during the
   * call, then each as it becomes durable, in batches. Throws CompactedError where changes after `after` are no longer all known.
   * `onEnd` is called once if the store ends the watch (closed, or the changes were lost: watch again from a new list). A
   * listener must not throw: its watch would end.
   */
  watch(after: number, listener: (events: readonly StoreEvent[]) => void, onEnd?: (error: Error) => void): StoreWatch;
}

export interface StoreWatch {
  /** The listener is not called again. */
  stop(): void;
}

export interface Store {
  /** The revision of the newest change visible here; 1 for an empty store, as in etcd. */
  readonly revision: number;

  /**
   * The collection under a prefix, always the same object for the same prefix. Throws where the prefix does not end in "/" or
   * overlaps another.
   */
  collection(prefix: string): Collection;

  /** Waits until every change acknowledged by any server on the same data is visible here, and answers the revision. */
  sync(): Promise<number>;

  /** Forgets how things were before `revision`: older watches and lists answer CompactedError. */
  compact(revision: number): Promise<void>;

  /** Writes all that is pending, ends all watches and lets go of files and connections. Every other call then fails. */
  close(): Promise<void>;
}

/** Asked for a revision before the last compaction. The API answers 410 Expired. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  /** The oldest revision that can still be asked for. */
  readonly oldest: number;

  constructor(asked: number, oldest: number) {
    super(`Cannot read revision ${asked}: the oldest known is ${oldest}`);
    this.oldest = oldest;
  }
}

/** Turns an object's bytes into what is written to disk and back: encryption at rest. The key is bound to the result. */
export interface Transformer {
  /** Throws when nothing can be written now. */
  toDisk(fullKey: string, bytes: Uint8Array): Uint8Array;
  /** Throws when the bytes were not written by toDisk for this key, and where `prepare` would have to come first. */
  fromDisk(fullKey: string, bytes: Uint8Array): Uint8Array;
  /** Resolves when fromDisk can be called, where that needs a secret kept elsewhere; undefined: it can be called at once. */
  prepare?(fullKey: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> | undefined;
}
