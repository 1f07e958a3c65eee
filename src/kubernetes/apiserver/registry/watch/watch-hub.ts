// Hands every change of a resource to those who watch it. One subscription to the store serves all watchers; they stand in
// buckets (everything, a namespace, one object, a node's pods), so that a change only visits those it may concern.

import type { KubeObject } from "#kubernetes/api";
import {
  type Collection,
  CompactedError,
  type StoredObject,
  type StoreEvent,
  type StoreWatch,
} from "#kubernetes/store";
import type { WatchRecord } from "../../call.ts";
import { ChangeRecords, type Matcher } from "./watch-record.ts";

export interface WatchRequest {
  /** Changes after this revision are told. */
  readonly after: number;
  /** The narrowest bucket that holds all the watcher wants; see bucketFor. */
  readonly bucket: string;
  /** What of the bucket it wants; absent: all. */
  readonly matches?: Matcher;
  /** Called with records in order, at least one; during `watch` with those already known. */
  readonly push: (records: readonly WatchRecord[]) => void;
  /** Called once when no more can come. CompactedError: changes were missed. */
  readonly end: (error: Error) => void;
}

export interface WatchHub {
  /** Throws CompactedError where changes after the revision are no longer all known. The answer stops the watch. */
  watch(request: WatchRequest): () => void;
  /** How many watches may hear of an object; what is unknown of it is left out. */
  countWatchers(namespace: string | undefined, name: string): number;
  /** Ends every watch. */
  close(): void;
}

export interface WatchHubOptions {
  readonly collection: Collection;
  /** A stored object as this resource's version shows it. */
  readonly view: (stored: StoredObject) => StoredObject;
  /** A property many watchers narrow by (a pod's node): the value, "" for none. */
  readonly partition?: (object: KubeObject) => string;
}

/** The bucket of everything. */
export const everythingBucket = "";

/** The bucket of a namespace ("a/"), of one object ("a/b", or "b" where there are no namespaces), or of a partition. */
export function bucketFor(scope: { namespace?: string; name?: string; partition?: string }): string {
  const { namespace, name, partition } = scope;
  if (name !== undefined) return namespace === undefined ? `=${name}` : `=${namespace}/${name}`;
  if (partition !== undefined) return `@${partition}`;
  return namespace === undefined ? everythingBucket : `/${namespace}`;
}

/** The buckets an object belongs to by its key. */
export function bucketsOfKey(key: string): string[] {
  const slash = key.indexOf("/");
  return slash < 0 ? [everythingBucket, `=${key}`] : [everythingBucket, `/${key.slice(0, slash)}`, `=${key}`];
}

interface Watcher {
  readonly request: WatchRequest;
  /** Changes up to here have been told, or are of no interest. */
  position: number;
  /** Records of the batch at hand. */
  pending: WatchRecord[];
}

export function createWatchHub(options: WatchHubOptions): WatchHub {
  return new Hub(options);
}

class Hub implements WatchHub {
  readonly #options: WatchHubOptions;
  readonly #buckets = new Map<string, Set<Watcher>>();
  #subscription: StoreWatch | undefined;
  /** The last change the subscription has told of. */
  #position = 0;

  constructor(options: WatchHubOptions) {
    this.#options = options;
  }

  watch(request: WatchRequest): () => void {
    const watcher: Watcher = { request, position: request.after, pending: [] };
    if (this.#subscription && request.after < this.#position) this.#catchUp(watcher);
    this.#add(watcher);
    if (!this.#subscription) this.#subscribe(watcher);
    return () => this.#remove(watcher);
  }

  countWatchers(namespace: string | undefined, name: string): number {
    const places = [everythingBucket];
    if (namespace) places.push(bucketFor({ namespace }));
    if (name !== "") places.push(bucketFor({ name, ...(namespace !== undefined && { namespace }) }));
    return places.reduce((sum, place) => sum + (this.#buckets.get(place)?.size ?? 0), 0);
  }

  close(): void {
    this.#endAll(new Error("the server is shutting down"));
  }

  #subscribe(first: Watcher): void {
    this.#position = first.request.after;
    try {
      const onEvents = (events: readonly StoreEvent[]) => this.#dispatch(events);
      this.#subscription = this.#options.collection.watch(first.request.after, onEvents, (error) =>
        this.#endAll(error),
      );
    } catch (error) {
      this.#remove(first);
      throw error;
    }
  }

  /** Tells a watcher that starts in the past what the others already know. */
  #catchUp(watcher: Watcher): void {
    const tell = (events: readonly StoreEvent[]) => {
      for (const event of events)
        this.#offer(watcher, new ChangeRecords(event, this.#options.view), this.#placesOf(event));
    };
    this.#options.collection.watch(watcher.request.after, tell).stop();
    flush(watcher);
  }

  #dispatch(events: readonly StoreEvent[]): void {
    const touched = new Set<Watcher>();
    for (const event of events) {
      this.#position = Math.max(this.#position, event.revision);
      const places = this.#placesOf(event);
      let records: ChangeRecords | undefined;
      for (const place of places) {
        const watchers = this.#buckets.get(place);
        if (!watchers) continue;
        records ??= new ChangeRecords(event, this.#options.view);
        for (const watcher of watchers) {
          if (this.#offer(watcher, records, places)) touched.add(watcher);
        }
      }
    }
    for (const watcher of touched) flush(watcher);
  }

  /** Adds what the watcher sees of the change to its batch; false where that is nothing. */
  #offer(watcher: Watcher, records: ChangeRecords, places: readonly string[]): boolean {
    const { event } = records;
    if (event.revision <= watcher.position) return false;
    watcher.position = event.revision;
    if (!places.includes(watcher.request.bucket)) return false;
    const record = records.recordFor(watcher.request.matches);
    if (record) watcher.pending.push(record);
    return record !== undefined;
  }

  /** The buckets a change belongs to. An object that changed its partition belongs to both. */
  #placesOf({ current, previous }: StoreEvent): string[] {
    const places = bucketsOfKey(current.key);
    const { partition, view } = this.#options;
    if (!partition || this.#buckets.size === 0) return places;
    const now = partition(view(current).object);
    const before = previous ? partition(view(previous).object) : now;
    if (now !== "") places.push(`@${now}`);
    if (before !== "" && before !== now) places.push(`@${before}`);
    return places;
  }

  #add(watcher: Watcher): void {
    const { bucket } = watcher.request;
    const watchers = this.#buckets.get(bucket);
    if (watchers) watchers.add(watcher);
    else this.#buckets.set(bucket, new Set([watcher]));
  }

  #remove(watcher: Watcher): void {
    const { bucket } = watcher.request;
    const watchers = this.#buckets.get(bucket);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#buckets.delete(bucket);
    if (this.#buckets.size > 0) return;
    this.#subscription?.stop();
    this.#subscription = undefined;
  }

  #endAll(error: Error): void {
    const watchers = [...this.#buckets.values()].flatMap((set) => [...set]);
    this.#buckets.clear();
    this.#subscription?.stop();
    this.#subscription = undefined;
    for (const watcher of watchers) watcher.request.end(error);
  }
}

function flush(watcher: Watcher): void {
  const records = watcher.pending;
  if (records.length === 0) return;
  watcher.pending = [];
  watcher.request.push(records);
}

/** Whether changes were missed, so that a client must list again. */
export function isMissed(error: Error): boolean {
  return error instanceof CompactedError;
}
