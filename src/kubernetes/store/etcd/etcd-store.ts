// The store on an etcd cluster, in upstream's key layout: for clusters with several API servers. Reads come from this process's
// mirror, once it has caught up with what etcd has acknowledged; writes are transactions that compare revisions.

import type { KubeObject } from "#kubernetes/api";
import { silentLogger, systemClock } from "#shared";
import type { LocalStoreOptions } from "../local-store.ts";
import { makeObjectFactory } from "../local-store.ts";
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
} from "../store.ts";
import type { VersionedCollection } from "../versioned-collection.ts";
import { runCompactor } from "./compactor.ts";
import { createEtcdClient, type EtcdClient, type EtcdClientOptions } from "./etcd-client.ts";
import { type EtcdMirror, openEtcdMirror } from "./etcd-mirror.ts";
import { EtcdWrites } from "./etcd-writes.ts";
import { isCompacted } from "./load-keys.ts";
import { RevisionGate } from "./revision-gate.ts";

export interface EtcdStoreOptions extends LocalStoreOptions, EtcdClientOptions {
  /** Upstream's --etcd-prefix, with a slash at the end. Default: "/registry/". */
  readonly root?: string;
  /** What objects go through on their way to etcd and back. Default: they are written as they are. */
  readonly transformer?: Transformer;
  /** How often the past is let go of; 0: never by this process. Default: five minutes. */
  readonly compactionIntervalMs?: number;
  /** Gives up opening when it fires. */
  readonly signal?: AbortSignal;
}

/** A store whose data is in etcd, with what only etcd can do. */
export interface EtcdStore extends Store {
  readonly client: EtcdClient;
}

/**
 * Opens the store: reads every key under the root once, then follows. Any number of processes may have the same etcd open.
 * Rejects where etcd cannot be reached. Objects with a ttl go by etcd's leases, on etcd's clock.
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<EtcdStore> {
  const { root = "/registry/", transformer, history, freeze, clock = systemClock, logger = silentLogger } = options;
  const client = createEtcdClient(options);
  try {
    const writes = new EtcdWrites({ client, clock, transformer });
    const makeObject = makeObjectFactory(freeze);
    const mirror = await openEtcdMirror(
      {
        client,
        root,
        history,
        transformer,
        makeObject,
        findWritten: (fullKey, value) => writes.findWritten(fullKey, value),
        onEvent: (fullKey, event) => writes.noteEvent(fullKey, event),
        clock,
        logger,
      },
      options.signal,
    );
    return new AssembledEtcdStore(client, mirror, writes, startCompactor(client, options));
  } catch (error) {
    client.close();
    throw error;
  }
}

/** The answer stops it. */
function startCompactor(
  client: EtcdClient,
  { compactionIntervalMs: intervalMs, clock = systemClock, logger = silentLogger }: EtcdStoreOptions,
): () => Promise<void> {
  if (intervalMs === 0) return async () => {};
  const stop = new AbortController();
  const running = runCompactor({ client, clock, logger, signal: stop.signal, ...(intervalMs && { intervalMs }) });
  return () => {
    stop.abort(new Error("the store is closed"));
    return running;
  };
}

class AssembledEtcdStore implements EtcdStore {
  readonly client: EtcdClient;
  readonly #mirror: EtcdMirror;
  readonly #writes: EtcdWrites;
  readonly #gate: RevisionGate;
  readonly #collections = new Map<string, EtcdCollection>();
  readonly #stopCompactor: () => Promise<void>;
  #ended: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(client: EtcdClient, mirror: EtcdMirror, writes: EtcdWrites, stopCompactor: () => Promise<void>) {
    this.#stopCompactor = stopCompactor;
    this.client = client;
    this.#mirror = mirror;
    this.#writes = writes;
    this.#gate = new RevisionGate(client);
  }

  get revision(): number {
    return this.#mirror.index.revision;
  }

  collection(prefix: string): Collection {
    const known = this.#collections.get(prefix);
    if (known) return known;
    const collection = new EtcdCollection(this.#mirror.claim(prefix), {
      mirror: this.#mirror,
      writes: this.#writes,
      sync: () => this.sync(),
      throwIfEnded: () => this.#throwIfEnded(),
    });
    this.#collections.set(prefix, collection);
    return collection;
  }

  async sync(): Promise<number> {
    this.#throwIfEnded();
    const revision = await this.#gate.newest();
    await this.#mirror.reach(revision);
    this.#throwIfEnded();
    return revision;
  }

  async compact(revision: number): Promise<void> {
    this.#throwIfEnded();
    this.#mirror.index.compact(revision);
    try {
      await this.client.compact(revision);
    } catch (error) {
      // Somebody has compacted further already.
      if (!isCompacted(error)) throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const reason = new Error("Cannot use the store: it is closed");
    this.#writes.close(reason);
    await Promise.all([this.#writes.idle(), this.#stopCompactor()]);
    this.#ended = reason;
    this.#mirror.close(reason);
    this.client.close();
  }

  #throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }
}

interface EtcdCollectionParts {
  readonly mirror: EtcdMirror;
  readonly writes: EtcdWrites;
  readonly sync: () => Promise<number>;
  readonly throwIfEnded: () => void;
}

class EtcdCollection implements Collection {
  readonly #versioned: VersionedCollection;
  readonly #parts: EtcdCollectionParts;

  constructor(versioned: VersionedCollection, parts: EtcdCollectionParts) {
    this.#versioned = versioned;
    this.#parts = parts;
  }

  get prefix(): string {
    return this.#versioned.prefix;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    await this.#parts.sync();
    return this.#versioned.get(key);
  }

  async list(options: ListOptions = {}): Promise<ListResult> {
    const { revision } = options;
    if (revision === undefined) await this.#parts.sync();
    else {
      this.#parts.throwIfEnded();
      // Another server has told of it: this one will hear of it, too.
      if (revision > this.#parts.mirror.index.revision) await this.#parts.sync();
    }
    return this.#versioned.list(options);
  }

  count(): number {
    return this.#versioned.size;
  }

  async put(key: string, object: KubeObject, expected: number, options: PutOptions = {}): Promise<WriteResult> {
    const revision = await this.#parts.writes.put(this.prefix + key, { object, expected, ...options });
    return this.#answer(key, revision);
  }

  async delete(key: string, expected: number): Promise<WriteResult> {
    const revision = await this.#parts.writes.delete(this.prefix + key, expected);
    return this.#answer(key, revision);
  }

  async #answer(key: string, outcome: Awaited<ReturnType<EtcdWrites["delete"]>>): Promise<WriteResult> {
    const { written, revision, done } = outcome;
    try {
      await this.#parts.mirror.reach(revision);
      if (!written) return { written: false, current: this.#versioned.get(key) };
      return { written: true, stored: outcome.stored() };
    } finally {
      done();
    }
  }

  watch(after: number, listener: (events: readonly StoreEvent[]) => void, onEnd?: (error: Error) => void): StoreWatch {
    this.#parts.throwIfEnded();
    return this.#versioned.watch(after, listener, onEnd);
  }
}
