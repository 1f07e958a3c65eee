// The store of one process: the index, the queue of writes in front of it, and expiry. Where its log lies is what tells the
// embedded engine from memory.

import type { KubeObject } from "#kubernetes/api";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import { ExpiryQueue } from "./expiry-queue.ts";
import { writeSnapshot } from "./log/snapshot-file.ts";
import { nodeFiles, type StoreFiles } from "./log/store-files.ts";
import type {
  Collection,
  ListOptions,
  ListResult,
  PutOptions,
  Store,
  StoredObject,
  StoreEvent,
  StoreWatch,
  Transformer,
  WriteResult,
} from "./store.ts";
import { EncodedObject, type EncodedObjectInit, FrozenObject } from "./stored-object.ts";
import type { VersionedCollection } from "./versioned-collection.ts";
import type { HistoryLimits, VersionedIndex } from "./versioned-index.ts";
import { type WriteLog, WriteQueue, type WriteTarget } from "./write-queue.ts";

/** What every engine within this process can be told. */
export interface LocalStoreOptions {
  readonly history?: HistoryLimits;
  /** For tests: objects are frozen, so that whoever changes one that others read finds out. Default false. */
  readonly freeze?: boolean;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A store whose data is all in this process. */
export interface LocalStore extends Store {
  /**
   * A store in memory that begins with what is visible here now, history included, and goes its own way from there. Shares
   * all bytes; takes about a microsecond for a hundred objects.
   */
  fork(options?: Pick<LocalStoreOptions, "clock" | "logger">): LocalStore;

  /** Writes all that is visible now to a file, for restoreSnapshot. Answers the revision it holds. */
  saveSnapshot(path: string): Promise<number>;
}

/** A log, and what else has to be let go of in the end. */
export interface LocalLog extends WriteLog {
  close(failed: boolean): Promise<void>;
}

export interface LocalStoreParts extends LocalStoreOptions {
  readonly index: VersionedIndex;
  readonly log?: LocalLog | undefined;
  readonly transformer?: Transformer | undefined;
  readonly files?: StoreFiles | undefined;
}

export function makeObjectFactory(freeze: boolean | undefined): (init: EncodedObjectInit) => EncodedObject {
  return freeze ? (init) => new FrozenObject(init) : (init) => new EncodedObject(init);
}

/** Puts a store together around an index that holds what was there before. */
export function assembleStore(parts: LocalStoreParts): LocalStore {
  return new AssembledStore(parts);
}

class AssembledStore implements LocalStore {
  readonly #parts: LocalStoreParts;
  readonly #index: VersionedIndex;
  readonly #writes: WriteQueue;
  readonly #expiry: ExpiryQueue;
  readonly #logger: Logger;
  readonly #collections = new Map<string, LocalCollection>();
  #ended: Error | undefined;
  #hasFailed = false;
  #closing: Promise<void> | undefined;

  constructor(parts: LocalStoreParts) {
    const { index, log, transformer, clock = systemClock, logger = silentLogger, freeze } = parts;
    this.#parts = parts;
    this.#index = index;
    this.#logger = logger;
    this.#expiry = new ExpiryQueue(clock, ({ target, key, revision }) => this.#expire(target, key, revision));
    this.#writes = new WriteQueue({
      index,
      log,
      transformer,
      clock,
      makeObject: makeObjectFactory(freeze),
      onExpiring: (target, stored) => this.#expiry.add(target, stored),
      onFailure: (error) => this.#fail(error),
    });
    for (const collection of index.collections()) this.#expireLoaded(this.#add(collection).target);
  }

  get revision(): number {
    return this.#index.revision;
  }

  collection(prefix: string): Collection {
    return this.#collections.get(prefix) ?? this.#add(this.#index.collection(prefix));
  }

  #add(versioned: VersionedCollection): LocalCollection {
    const collection = new LocalCollection(this.#writes.target(versioned), this.#writes, () => this.#throwIfEnded());
    this.#collections.set(versioned.prefix, collection);
    return collection;
  }

  async sync(): Promise<number> {
    this.#throwIfEnded();
    return this.#index.revision;
  }

  async compact(revision: number): Promise<void> {
    this.#throwIfEnded();
    this.#index.compact(revision);
  }

  fork(options: Pick<LocalStoreOptions, "clock" | "logger"> = {}): LocalStore {
    this.#throwIfEnded();
    const { freeze, clock, logger } = { ...this.#parts, ...options };
    return new AssembledStore({ index: this.#index.fork({ clock, logger }), freeze, clock, logger });
  }

  async saveSnapshot(path: string): Promise<number> {
    this.#throwIfEnded();
    const { files = nodeFiles, transformer } = this.#parts;
    const { revision } = this.#index;
    await writeSnapshot(path, this.#index.capture(revision), { files, revision, transformer });
    return revision;
  }

  close(): Promise<void> {
    this.#writes.close(new Error("Cannot use the store: it is closed"));
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writes.idle();
    this.#end(new Error("Cannot use the store: it is closed"));
    await this.#parts.log?.close(this.#hasFailed);
  }

  /** The log failed: nothing can be made durable any more, so nothing is promised any more. */
  #fail(error: Error): void {
    this.#logger.error({ error }, "the store's log failed, the store is closed");
    this.#hasFailed = true;
    this.#end(error);
    this.#closing ??= this.#parts.log?.close(true).catch((closeError: unknown) => {
      this.#logger.warn({ error: closeError }, "the log could not be closed in order");
    });
  }

  #end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#expiry.stop();
    this.#index.end(reason);
  }

  #throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }

  #expireLoaded(target: WriteTarget): void {
    for (const stored of target.collection.objects()) if (stored.expiresAt > 0) this.#expiry.add(target, stored);
  }

  #expire(target: WriteTarget, key: string, revision: number): void {
    this.#writes.delete(target, { key, expected: revision }).catch((error: unknown) => {
      this.#logger.warn({ error, key }, "an object whose time has come could not be deleted");
    });
  }
}

class LocalCollection implements Collection {
  readonly target: WriteTarget;
  readonly #writes: WriteQueue;
  readonly #throwIfEnded: () => void;

  constructor(target: WriteTarget, writes: WriteQueue, throwIfEnded: () => void) {
    this.target = target;
    this.#writes = writes;
    this.#throwIfEnded = throwIfEnded;
  }

  get prefix(): string {
    return this.target.collection.prefix;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    this.#throwIfEnded();
    return this.target.collection.get(key);
  }

  async list(options?: ListOptions): Promise<ListResult> {
    this.#throwIfEnded();
    return this.target.collection.list(options);
  }

  count(): number {
    return this.target.collection.size;
  }

  put(key: string, object: KubeObject, expected: number, options: PutOptions = {}): Promise<WriteResult> {
    return this.#writes.put(this.target, { key, object, expected, ...options });
  }

  delete(key: string, expected: number): Promise<WriteResult> {
    return this.#writes.delete(this.target, { key, expected });
  }

  watch(after: number, listener: (events: readonly StoreEvent[]) => void, onEnd?: (error: Error) => void): StoreWatch {
    this.#throwIfEnded();
    return this.target.collection.watch(after, listener, onEnd);
  }
}
