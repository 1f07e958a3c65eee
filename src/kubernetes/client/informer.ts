// The contract of informers: local, always current copies of resources, each kept by one list and one watch.

import type { KubeObject, ObjectKey, Resource } from "#kubernetes/api";

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
  /** Adds an index, at any time. Adding the same name again with the same function is fine; with another it throws. */
  addIndex(name: string, index: IndexFunction<T>): void;
  /** Adds a handler; one added later is first told of every object there is. The answer takes it away. */
  addHandler(handler: InformerHandler<T>): () => void;
  /** Resolves when the first list has arrived and every handler added before this call was told of it. */
  synced(signal?: AbortSignal): Promise<void>;
  readonly hasSynced: boolean;
  /** The resourceVersion up to which the copy is current. */
  readonly resourceVersion: string;
  /**
   * Resolves when the copy is current to at least this resourceVersion. A reconciler that has written waits for it, so that
   * its next run sees its own writes. Only for informers without selectors: others may never hear of that version.
   */
  reached(resourceVersion: string | undefined, signal?: AbortSignal): Promise<void>;
}

/** What part of a resource an informer copies. Default: all of it. */
export interface InformerScope {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** The informers of a process: one per resource and scope, shared by all who ask for it. */
export interface InformerSet {
  /** The informer of this resource and scope; runs at once if the set runs, else from `start` on. */
  informer<T extends KubeObject>(resource: Resource<T>, scope?: InformerScope): Informer<T>;
  /** Starts every informer there is, and from here on each as it is asked for. */
  start(): void;
  /** Resolves when every informer there is has synced. */
  synced(signal?: AbortSignal): Promise<void>;
  /** Stops the informers of a resource that is no longer served and forgets them. Their handlers hear nothing more. */
  forget(resource: Resource<KubeObject>): Promise<void>;
  /** Stops all informers; resolves when none is running. */
  stop(): Promise<void>;
}
