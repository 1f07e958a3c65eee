// What every engine reads from: all collections' present objects and a bounded window of changes before them. An engine feeds
// it changes in revision order, once they are durable; the index knows nothing of where they come from.

import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import type { IndexEvent } from "./event-window.ts";
import type { EncodedObject } from "./stored-object.ts";
import { type CapturedCollection, type IndexState, VersionedCollection } from "./versioned-collection.ts";

/** How long changes stay known, for watches and lists that start in the past. */
export interface HistoryLimits {
  /** Older changes are forgotten. Default: 5 minutes, as upstream's compaction. */
  readonly ageMs?: number;
  /** But of each collection so many changes are kept whatever their age. Default: 1000. */
  readonly keepEvents?: number;
  /** No more memory than about this is held by the changes of the whole store, whatever else is wished. Default: 64 MiB. */
  readonly bytes?: number;
}

export interface VersionedIndexOptions {
  /** The revision to begin at. Default 1: the empty store. */
  readonly revision?: number;
  /** The revision after which all changes will be applied. Default 0: all there ever were. */
  readonly oldest?: number;
  readonly history?: HistoryLimits;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** One change: the new state of a key, or none for a delete. */
export interface Change {
  readonly collection: VersionedCollection;
  readonly key: string;
  readonly revision: number;
  readonly stored: EncodedObject | undefined;
}

/** The changes of about a second: by these steps the window's front moves. */
interface Mark {
  /** When the first of them was made. */
  readonly time: number;
  firstRevision: number;
  lastRevision: number;
}

const markMs = 1000;
const markRevisions = 256;

export class VersionedIndex implements IndexState {
  readonly logger: Logger;
  readonly #clock: Clock;
  readonly #history: Required<HistoryLimits>;
  readonly #collections = new Map<string, VersionedCollection>();
  readonly #touched = new Set<VersionedCollection>();
  #revision: number;
  #oldest: number;
  #marks: Mark[] = [];
  /** Changes up to here are past their age. */
  #aged: number;

  constructor(options: VersionedIndexOptions = {}) {
    this.#revision = options.revision ?? 1;
    this.#oldest = options.oldest ?? 0;
    this.#aged = this.#oldest;
    this.#clock = options.clock ?? systemClock;
    this.logger = options.logger ?? silentLogger;
    this.#history = { ageMs: 5 * 60_000, keepEvents: 1000, bytes: 64 * 1024 * 1024, ...options.history };
  }

  get revision(): number {
    return this.#revision;
  }

  /** The oldest revision whose whole state is known. */
  get oldest(): number {
    let oldest = this.#oldest;
    for (const collection of this.#collections.values()) oldest = Math.max(oldest, collection.oldest);
    return oldest;
  }

  /** The collection under a prefix. A new one knows all changes after `oldest`; default: as the index. */
  collection(prefix: string, oldest = 0): VersionedCollection {
    const known = this.#collections.get(prefix);
    if (known) return known;
    this.#checkPrefix(prefix);
    const collection = new VersionedCollection(prefix, this, Math.max(this.#oldest, oldest));
    this.#collections.set(prefix, collection);
    return collection;
  }

  #checkPrefix(prefix: string): void {
    if (!prefix.endsWith("/")) throw new Error(`Cannot keep a collection under "${prefix}": it does not end in "/"`);
    for (const other of this.#collections.keys()) {
      if (!prefix.startsWith(other) && !other.startsWith(prefix)) continue;
      throw new Error(`Cannot keep a collection under "${prefix}": "${other}" is one already`);
    }
  }

  collections(): Iterable<VersionedCollection> {
    return this.#collections.values();
  }

  /**
   * Makes the next change; readers see it at once, watchers with `publish`. Revisions only grow. Answers undefined where a
   * delete found nothing.
   */
  apply({ collection, key, revision, stored }: Change): IndexEvent | undefined {
    this.#revision = revision;
    this.#touched.add(collection);
    return collection.apply(key, revision, stored);
  }

  /** Moves to a revision that changed nothing here. */
  advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
  }

  /** Tells the watchers, then forgets what is beyond the limits. */
  publish(): void {
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const collection of touched) collection.publish();
    this.#trim();
  }

  /** Forgets how things were before the revision. */
  compact(revision: number): void {
    if (revision > this.#revision) {
      throw new Error(`Cannot compact up to revision ${revision}: the newest is ${this.#revision}`);
    }
    this.#oldest = Math.max(this.#oldest, revision);
    for (const collection of this.#collections.values()) collection.compact(revision);
  }

  /** Ends every watch. */
  end(error: Error): void {
    for (const collection of this.#collections.values()) collection.end(error);
  }

  /** As VersionedCollection.capture, of all collections: takes time by their number, not by what they hold. */
  capture(revision: number): CapturedCollection[] {
    return [...this.#collections.values()].map((collection) => collection.capture(revision));
  }

  /** An index of its own that begins with the same objects and changes, sharing their bytes. */
  fork(options: Pick<VersionedIndexOptions, "clock" | "logger"> = {}): VersionedIndex {
    const { clock = this.#clock, logger = this.logger } = options;
    const copy = new VersionedIndex({
      revision: this.#revision,
      oldest: this.#oldest,
      history: this.#history,
      clock,
      logger,
    });
    for (const [prefix, collection] of this.#collections) copy.#collections.set(prefix, collection.fork(copy));
    copy.#marks = this.#marks.map((mark) => ({ ...mark }));
    copy.#aged = this.#aged;
    return copy;
  }

  #trim(): void {
    const now = this.#clock.now();
    this.#mark(now);
    let aged = this.#aged;
    const isAged = (mark: Mark | undefined) => mark !== undefined && mark.time + markMs < now - this.#history.ageMs;
    while (isAged(this.#marks[0])) aged = this.#marks.shift()!.lastRevision;
    if (aged !== this.#aged) {
      this.#aged = aged;
      this.#drop(aged, this.#history.keepEvents);
    }
    if (this.#windowBytes() > this.#history.bytes) this.#trimBytes();
  }

  /** First what is kept in spite of its age, half of it at a time; then the older half of the oldest mark. */
  #trimBytes(): void {
    const isOver = () => this.#windowBytes() > this.#history.bytes;
    for (let keep = this.#history.keepEvents; keep > 0 && isOver(); keep >>= 1) this.#drop(this.#aged, keep);
    for (let mark = this.#marks[0]; mark && isOver(); mark = this.#marks[0]) {
      const middle = Math.floor((mark.firstRevision + mark.lastRevision) / 2);
      this.#aged = middle;
      this.#drop(middle, 0);
      if (middle === mark.lastRevision) this.#marks.shift();
      else mark.firstRevision = middle + 1;
    }
  }

  #mark(now: number): void {
    const last = this.#marks.at(-1);
    if (last && now - last.time < markMs && this.#revision - last.firstRevision < markRevisions) {
      last.lastRevision = this.#revision;
    } else {
      const firstRevision = (last?.lastRevision ?? this.#aged) + 1;
      this.#marks.push({ time: now, firstRevision, lastRevision: this.#revision });
    }
  }

  #drop(revision: number, keep: number): void {
    for (const collection of this.#collections.values()) collection.drop(revision, keep);
  }

  #windowBytes(): number {
    let bytes = 0;
    for (const collection of this.#collections.values()) bytes += collection.windowBytes;
    return bytes;
  }
}
