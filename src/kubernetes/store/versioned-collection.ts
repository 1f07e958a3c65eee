// One collection of the index: the present objects, the window of changes before them, and who watches. Reads roll back.

import { describeError, type Logger } from "#shared";
import { EventWindow, type IndexEvent } from "./event-window.ts";
import { OrderedList } from "./ordered-list.ts";
import { CompactedError, type ListOptions, type ListResult, type StoreEvent, type StoreWatch } from "./store.ts";
import { DeletedObject, type EncodedObject } from "./stored-object.ts";

/** What a collection needs to know of the index it belongs to. */
export interface IndexState {
  /** The revision of the newest change visible anywhere. */
  readonly revision: number;
  readonly logger: Logger;
}

interface Watcher {
  /** Its listener knows all changes up to this revision. */
  after: number;
  readonly listener: (events: readonly StoreEvent[]) => void;
  readonly onEnd: ((error: Error) => void) | undefined;
}

/** A collection's state at one moment, safe from later changes: what a snapshot is written from. */
export interface CapturedCollection {
  readonly prefix: string;
  /** The present objects, in key order. */
  readonly objects: readonly EncodedObject[];
  /** What happened after the revision asked for. */
  readonly events: readonly IndexEvent[];
}

export class VersionedCollection {
  readonly prefix: string;
  readonly #index: IndexState;
  #objects = new OrderedList<EncodedObject>();
  #window = new EventWindow();
  #fresh: IndexEvent[] = [];
  #oldest: number;
  readonly #watchers = new Set<Watcher>();

  /** All changes after `oldest` will be applied. */
  constructor(prefix: string, index: IndexState, oldest: number) {
    this.prefix = prefix;
    this.#index = index;
    this.#oldest = oldest;
  }

  /** The oldest revision whose state is known: all changes after it are. */
  get oldest(): number {
    return this.#oldest;
  }

  /** About how much memory is held by the window of changes only. */
  get windowBytes(): number {
    return this.#window.bytes;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): EncodedObject | undefined {
    return this.#objects.get(key);
  }

  /** The present objects, in key order. */
  objects(): EncodedObject[] {
    return this.#objects.slice();
  }

  /** As Collection.list. */
  list(options: ListOptions = {}): ListResult {
    const { keyPrefix = "", after, limit = Number.POSITIVE_INFINITY, revision = this.#index.revision } = options;
    if (revision > this.#index.revision) {
      throw new Error(`Cannot list at revision ${revision}: the newest is ${this.#index.revision}`);
    }
    if (revision < this.#oldest) throw new CompactedError(revision, this.#oldest);
    const from = after !== undefined && after >= keyPrefix ? justAfter(after) : keyPrefix;
    const to = endOfPrefix(keyPrefix);
    const changes = revision === this.#index.revision ? [] : this.#window.after(revision);
    if (changes.length > 0) return { ...this.#listPast(changes, from, to, limit), revision };
    const start = this.#objects.rank(from);
    const end = to === undefined ? this.#objects.size : this.#objects.rank(to);
    const items = this.#objects.slice(start, Math.min(end, start + limit));
    return { items, revision, remaining: Math.max(end - start, 0) - items.length };
  }

  /** The present objects with the changes undone, oldest change last. */
  #listPast(
    changes: readonly IndexEvent[],
    from: string,
    to: string | undefined,
    limit: number,
  ): Omit<ListResult, "revision"> {
    const past = new Map<string, EncodedObject | undefined>();
    for (const { current, previous } of changes) {
      const { key } = current;
      if (key >= from && (to === undefined || key < to) && !past.has(key)) past.set(key, previous);
    }
    const start = this.#objects.rank(from);
    const end = to === undefined ? this.#objects.size : this.#objects.rank(to);
    let total = Math.max(end - start, 0);
    // Of these at most past.size turn out to be of today only, so the first `limit` of the past are among them.
    const items = this.#objects
      .slice(start, Math.min(end, start + limit + past.size))
      .filter(({ key }) => !past.has(key));
    for (const [key, object] of past) {
      if (this.#objects.get(key)) total--;
      if (!object) continue;
      total++;
      items.push(object);
    }
    items.sort(byKey);
    if (items.length > limit) items.length = limit;
    return { items, remaining: total - items.length };
  }

  /** As Collection.watch. */
  watch(after: number, listener: Watcher["listener"], onEnd?: Watcher["onEnd"]): StoreWatch {
    if (after < this.#oldest) throw new CompactedError(after, this.#oldest);
    const known = this.#window.after(after);
    const watcher: Watcher = { after: Math.max(after, this.#index.revision), listener, onEnd };
    if (known.length > 0) listener(known);
    this.#watchers.add(watcher);
    return { stop: () => void this.#watchers.delete(watcher) };
  }

  /** Takes objects in key order, each once, as the state before any change; nobody is told. */
  load(objects: readonly EncodedObject[]): void {
    this.#objects = new OrderedList(objects);
  }

  /** Makes a change: the new state, or none for a delete. Readers see it at once, watchers with the next `publish`. */
  apply(key: string, revision: number, stored: EncodedObject | undefined): IndexEvent | undefined {
    const event = stored ? this.#put(stored) : this.#delete(key, revision);
    if (!event) return undefined;
    this.#window.push(event);
    this.#fresh.push(event);
    return event;
  }

  #put(stored: EncodedObject): IndexEvent {
    const previous = this.#objects.set(stored);
    const { revision } = stored;
    return previous ? { type: "put", revision, current: stored, previous } : { type: "put", revision, current: stored };
  }

  #delete(key: string, revision: number): IndexEvent | undefined {
    const previous = this.#objects.delete(key);
    return previous && { type: "delete", revision, current: new DeletedObject(previous, revision), previous };
  }

  /** Tells watchers what was applied since the last time. */
  publish(): void {
    const events = this.#fresh;
    const last = events.at(-1);
    if (!last) return;
    this.#fresh = [];
    for (const watcher of this.#watchers) {
      if (watcher.after < last.revision) this.#notify(watcher, events);
    }
  }

  #notify(watcher: Watcher, events: readonly IndexEvent[]): void {
    const news =
      watcher.after < events[0]!.revision ? events : events.filter(({ revision }) => revision > watcher.after);
    watcher.after = events.at(-1)!.revision;
    try {
      watcher.listener(news);
    } catch (error) {
      // It has missed a change now, so it must not be given later ones as if it had not.
      this.#index.logger.error({ error, prefix: this.prefix }, "a watch's listener threw, the watch ends");
      this.#watchers.delete(watcher);
      this.#end(
        watcher,
        new Error(`Cannot go on watching ${this.prefix}: its listener threw: ${describeError(error)}`),
      );
    }
  }

  #end({ onEnd }: Watcher, reason: Error): void {
    try {
      onEnd?.(reason);
    } catch (error) {
      this.#index.logger.error({ error, prefix: this.prefix }, "a watch's onEnd threw");
    }
  }

  /** Forgets how things were before the revision, but keeps the newest `keep` changes. */
  drop(revision: number, keep: number): void {
    this.#oldest = Math.max(this.#oldest, this.#window.drop(revision, keep) ?? 0);
  }

  /** Forgets how things were before the revision. */
  compact(revision: number): void {
    this.#window.drop(revision, 0);
    this.#oldest = Math.max(this.#oldest, revision);
  }

  /** Ends every watch. */
  end(error: Error): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) this.#end(watcher, error);
  }

  /** Fixes the present state, and what undoes it back to `revision` (not before `oldest`), without copying an object. */
  capture(revision: number): CapturedCollection {
    return { prefix: this.prefix, objects: this.#objects.slice(), events: this.#window.after(revision) };
  }

  /** The same objects and changes under another index; watchers stay here. */
  fork(index: IndexState): VersionedCollection {
    const copy = new VersionedCollection(this.prefix, index, this.#oldest);
    copy.#objects = this.#objects.clone();
    copy.#window = this.#window.clone();
    return copy;
  }
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** The smallest key that is greater. */
function justAfter(key: string): string {
  return `${key}\0`;
}

/** The smallest key that is greater than all that start so; undefined when there is none. */
function endOfPrefix(prefix: string): string | undefined {
  if (prefix === "") return undefined;
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
