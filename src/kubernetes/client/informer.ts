// The contract of an informer: a local, always current copy of a resource, kept by one list and one watch.

import type { KubeObject, ObjectKey } from "#kubernetes/api";

/** Called after the copy has changed, in order, one change at a time. Must not throw and must not wait: queue a key instead. */
export interface InformerHandler<T extends KubeObject> {
  added?(object: T, isInitialList: boolean): void;
  updated?(object: T, old: T): void;
  deleted?(object: T): void;
}

/** Finds objects by a property other than their key; the function answers the values under which an object is found. */
export type IndexFunction<T extends KubeObject> = (object: T) => readonly string[];

/** Reads the copy. Objects are shared: never change one. */
export interface Lister<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(namespace?: string): readonly T[];
  /** The objects under a value of a named index. Throws for a name that was not added. */
  byIndex(index: string, value: string): readonly T[];
  readonly size: number;
}

export interface Informer<T extends KubeObject> extends Lister<T> {
  /** Adds an index; before `run`. Adding the same name again with the same function is fine. */
  addIndex(name: string, index: IndexFunction<T>): void;
  /** Adds a handler; one added later is first told of every object there is. The answer takes it away. */
  addHandler(handler: InformerHandler<T>): () => void;
  /** Resolves when the first list has arrived and its handlers were called. */
  synced(signal?: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  /** The resourceVersion up to which the copy is current. */
  readonly resourceVersion: string;
}
