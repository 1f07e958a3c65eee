// Writes on their way: each is checked against what is there or on its way, gets the next revision and joins the next flush.
// When the flush is done its writes become visible, in order, and are acknowledged.

import type { KubeObject } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { StoreRecord } from "./log/record.ts";
import type { PutOptions, StoredObject, Transformer, WriteResult } from "./store.ts";
import { type EncodedObject, type EncodedObjectInit, encodeObject } from "./stored-object.ts";
import type { VersionedCollection } from "./versioned-collection.ts";
import type { VersionedIndex } from "./versioned-index.ts";

/** Where writes are made durable. */
export interface WriteLog {
  /** Adds to the next flush. Throws, adding nothing, when the record cannot be written. */
  add(record: StoreRecord): void;
  /** Resolves when all that was added is durable. Called one at a time. When it rejects, nothing more can be written. */
  flush(): Promise<void>;
}

export interface WriteQueueOptions {
  readonly index: VersionedIndex;
  /** None: memory is durable enough. */
  readonly log?: WriteLog | undefined;
  readonly transformer?: Transformer | undefined;
  readonly clock: Clock;
  readonly makeObject: (init: EncodedObjectInit) => EncodedObject;
  /** Called with each new state that goes by itself, once it is visible. */
  readonly onExpiring: (target: WriteTarget, stored: EncodedObject) => void;
  /** Called once when the log fails, after the writes it took with it were rejected. */
  readonly onFailure: (error: Error) => void;
}

interface Answer {
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: Error) => void;
}

/** A change that is wished for. */
interface Attempt {
  readonly key: string;
  readonly expected: number;
  /** Absent for a delete. */
  readonly make?: (key: string, revision: number) => EncodedObject;
}

/** A change on its way to the disk. */
interface Pending {
  readonly target: WriteTarget;
  readonly key: string;
  readonly revision: number;
  /** Absent for a delete. */
  readonly stored: EncodedObject | undefined;
  readonly flush: Flush;
  readonly answer: Answer;
}

/** What goes to the disk together. */
interface Flush {
  readonly writes: Pending[];
  /** Refused writes that may not be told why before the write that came first is durable. */
  readonly refused: { readonly answer: Answer; readonly current: StoredObject | undefined }[];
}

/** A collection and the changes of it that are on their way, the latest by key. */
export interface WriteTarget {
  readonly collection: VersionedCollection;
  readonly pending: Map<string, Pending>;
}

const noValue = new Uint8Array(0);
/** Without a disk to wait for, writers that go on and on would keep everybody else from the event loop. */
const sliceMs = 8;

export class WriteQueue {
  readonly #options: WriteQueueOptions;
  #revision: number;
  #next: Flush = emptyFlush();
  #running: Promise<void> | undefined;
  #closed: Error | undefined;
  /** When the first flush since the event loop last turned began; undefined: there was none. */
  #sliceStart: number | undefined;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#revision = options.index.revision;
  }

  target(collection: VersionedCollection): WriteTarget {
    return { collection, pending: new Map() };
  }

  /** As Collection.put. */
  put(
    target: WriteTarget,
    write: { key: string; object: KubeObject; expected: number } & PutOptions,
  ): Promise<WriteResult> {
    const { key, object, expected, ttlSeconds } = write;
    const make = (name: string, revision: number) => {
      const expiresAt = ttlSeconds === undefined ? 0 : Math.ceil(this.#options.clock.now() / 1000 + ttlSeconds);
      object.metadata.resourceVersion = String(revision);
      return this.#options.makeObject({ key: name, revision, bytes: encodeObject(object), expiresAt, object });
    };
    return new Promise((resolve, reject) => this.#submit(target, { key, expected, make }, { resolve, reject }));
  }

  /** As Collection.delete. */
  delete(target: WriteTarget, write: { key: string; expected: number }): Promise<WriteResult> {
    return new Promise((resolve, reject) => this.#submit(target, write, { resolve, reject }));
  }

  #submit(target: WriteTarget, { key, expected, make }: Attempt, answer: Answer): void {
    if (this.#closed) throw this.#closed;
    const pending = target.pending.get(key);
    const current = pending ? pending.stored : target.collection.get(key);
    if ((current?.revision ?? 0) !== expected || !(current || make)) {
      if (pending) pending.flush.refused.push({ answer, current });
      else answer.resolve({ written: false, current });
      return;
    }
    const revision = this.#revision + 1;
    // The key of the state before, if there is one: so that all states of an object share one string.
    const name = current?.key ?? key;
    const stored = make?.(name, revision);
    this.#log(target, { key: name, revision, stored });
    this.#revision = revision;
    const write: Pending = { target, key: name, revision, stored, flush: this.#next, answer };
    target.pending.set(name, write);
    this.#next.writes.push(write);
    this.#running ??= this.#run();
  }

  #log(
    { collection: { prefix } }: WriteTarget,
    { key, revision, stored }: { key: string; revision: number; stored: EncodedObject | undefined },
  ): void {
    const { log, transformer } = this.#options;
    if (!log) return;
    if (stored) {
      const value = transformer ? transformer.toDisk(prefix + key, stored.bytes) : stored.bytes;
      log.add({ kind: "put", revision, expiresAt: stored.expiresAt, prefix, key, value });
    } else {
      log.add({ kind: "delete", revision, expiresAt: 0, prefix, key, value: noValue });
    }
  }

  /** Flushes until nothing is left to flush. */
  async #run(): Promise<void> {
    // Everybody who can write now gets to, before the first flush begins: after the promises that are due.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (this.#next.writes.length > 0) {
      const flush = this.#next;
      this.#next = emptyFlush();
      try {
        await (this.#options.log ? this.#options.log.flush() : this.#takeTurn());
      } catch (error) {
        this.#fail(flush, error as Error);
        break;
      }
      this.#commit(flush);
    }
    this.#running = undefined;
  }

  async #takeTurn(): Promise<void> {
    const now = performance.now();
    if (this.#sliceStart === undefined) {
      this.#sliceStart = now;
      setImmediate(() => {
        this.#sliceStart = undefined;
      });
    } else if (now - this.#sliceStart > sliceMs) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #commit(flush: Flush): void {
    const { index, onExpiring } = this.#options;
    const shown: StoredObject[] = [];
    for (const write of flush.writes) {
      const { target, key, revision, stored } = write;
      const event = index.apply({ collection: target.collection, key, revision, stored });
      shown.push(event!.current);
      if (target.pending.get(key) === write) target.pending.delete(key);
      if (stored && stored.expiresAt > 0) onExpiring(target, stored);
    }
    index.publish();
    for (const [at, { answer }] of flush.writes.entries()) answer.resolve({ written: true, stored: shown[at]! });
    for (const { answer, current } of flush.refused) answer.resolve({ written: false, current });
  }

  #fail(flush: Flush, error: Error): void {
    this.close(error);
    const lost = [flush, this.#next].flatMap(({ writes, refused }) => [...writes, ...refused]);
    this.#next = emptyFlush();
    for (const { answer } of lost) answer.reject(error);
    this.#options.onFailure(error);
  }

  /** Takes no more writes: they reject with the error. Those on their way go on. */
  close(error: Error): void {
    this.#closed ??= error;
  }

  /** Resolves when no write is on its way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }
}

function emptyFlush(): Flush {
  return { writes: [], refused: [] };
}
