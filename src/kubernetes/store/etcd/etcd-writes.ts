// Writes to etcd: each a transaction that compares the key's revision. Writes of one key from here go one after the other, so that
// each is checked against the one before; the watch then tells what a write has become, and the object is not parsed again.

import type { KubeObject } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { IndexEvent } from "../event-window.ts";
import type { PutOptions, StoredObject, Transformer } from "../store.ts";
import type { EtcdClient } from "./etcd-client.ts";
import type { EtcdMessage } from "./etcd-messages.ts";
import { LeasePool } from "./lease-pool.ts";
import { encodeValue } from "./value-codec.ts";

/** What etcd said to a write. `done` is called when the caller has seen the answer. */
export interface WriteOutcome {
  readonly written: boolean;
  /** The write's revision, or that at which it was refused. */
  readonly revision: number;
  /** What it has become. Callable once the mirror has reached the revision. */
  stored(): StoredObject;
  done(): void;
}

interface PendingWrite {
  /** Absent for a delete. */
  readonly value?: Uint8Array;
  readonly object?: KubeObject;
  /** States of the key that the watch told of since the write began, by revision. */
  readonly seen: Map<number, StoredObject>;
}

export interface EtcdWritesOptions {
  readonly client: EtcdClient;
  readonly clock: Clock;
  readonly transformer: Transformer | undefined;
}

export class EtcdWrites {
  readonly #client: EtcdClient;
  readonly #transformer: Transformer | undefined;
  readonly #leases: LeasePool;
  /** By full key, in the order they are carried out. */
  readonly #pending = new Map<string, Set<PendingWrite>>();
  readonly #turns = new Map<string, Promise<void>>();
  #running = 0;
  #onIdle: (() => void)[] = [];
  #closed: Error | undefined;

  constructor({ client, clock, transformer }: EtcdWritesOptions) {
    this.#client = client;
    this.#transformer = transformer;
    this.#leases = new LeasePool(client, clock);
  }

  /** Throws TypeError, before anything is sent, where the object is no JSON. */
  async put(
    fullKey: string,
    { object, expected, ttlSeconds }: { object: KubeObject; expected: number } & PutOptions,
  ): Promise<WriteOutcome> {
    this.#throwIfClosed();
    const json = encodeValue(object);
    const value = this.#transformer ? this.#transformer.toDisk(fullKey, json) : json;
    return this.#inTurn(fullKey, { value, object, seen: new Map() }, async () => {
      const lease = ttlSeconds === undefined ? 0 : await this.#leases.lease(ttlSeconds);
      return this.#commit(fullKey, expected, { requestPut: { key: Buffer.from(fullKey), value, lease } });
    });
  }

  async delete(fullKey: string, expected: number): Promise<WriteOutcome> {
    this.#throwIfClosed();
    return this.#inTurn(fullKey, { seen: new Map() }, () =>
      // There is nothing to delete at revision 0: the comparison must not hold then.
      this.#commit(fullKey, expected || -1, { requestDeleteRange: { key: Buffer.from(fullKey) } }),
    );
  }

  async #commit(
    fullKey: string,
    expected: number,
    success: EtcdMessage<"RequestOp">,
  ): Promise<{ written: boolean; revision: number }> {
    const key = Buffer.from(fullKey);
    const { succeeded, header } = await this.#client.txn({
      compare: [{ result: "EQUAL", target: "MOD", key, modRevision: expected }],
      success: [success],
    });
    return { written: succeeded, revision: header?.revision ?? 0 };
  }

  async #inTurn(
    fullKey: string,
    write: PendingWrite,
    run: () => Promise<{ written: boolean; revision: number }>,
  ): Promise<WriteOutcome> {
    this.#running++;
    const before = this.#turns.get(fullKey);
    const { promise: turn, resolve: endTurn } = Promise.withResolvers<void>();
    this.#turns.set(fullKey, turn);
    await before;
    const done = () => this.#done(fullKey, write, turn);
    this.#pendingOf(fullKey).add(write);
    try {
      const { written, revision } = await run();
      return { written, revision, done, stored: () => storedAt(write, fullKey, revision) };
    } catch (error) {
      done();
      throw error;
    } finally {
      endTurn();
    }
  }

  #pendingOf(fullKey: string): Set<PendingWrite> {
    const writes = this.#pending.get(fullKey) ?? new Set();
    this.#pending.set(fullKey, writes);
    return writes;
  }

  #done(fullKey: string, write: PendingWrite, turn: Promise<void>): void {
    const writes = this.#pending.get(fullKey);
    writes?.delete(write);
    if (writes?.size === 0) this.#pending.delete(fullKey);
    if (this.#turns.get(fullKey) === turn) this.#turns.delete(fullKey);
    this.#running--;
    if (this.#running > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** The object that the value was encoded from, while its write is under way. */
  findWritten(fullKey: string, value: Uint8Array): KubeObject | undefined {
    for (const write of this.#pending.get(fullKey) ?? []) {
      if (write.value && Buffer.compare(write.value, value) === 0) return write.object;
    }
    return undefined;
  }

  noteEvent(fullKey: string, { revision, current }: IndexEvent): void {
    for (const { seen } of this.#pending.get(fullKey) ?? []) seen.set(revision, current);
  }

  /** Resolves when no write is under way. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Takes no more writes: they reject with the error. Those under way go on. */
  close(error: Error): void {
    this.#closed ??= error;
  }

  #throwIfClosed(): void {
    if (this.#closed) throw this.#closed;
  }
}

function storedAt({ seen }: PendingWrite, fullKey: string, revision: number): StoredObject {
  const stored = seen.get(revision);
  if (!stored)
    throw new Error(`Cannot find the write of ${fullKey} at revision ${revision}: changes in etcd were lost`);
  return stored;
}
