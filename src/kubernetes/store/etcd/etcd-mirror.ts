// The index kept in step with etcd: loaded once, then fed by one watch of all keys, which is taken up again when it breaks. Since
// the watch sees every key, every revision arrives in it, and "has revision R been seen?" has an answer without further questions.

import type { DuplexStream, GrpcError } from "#grpc";
import { type Clock, describeError, type Logger } from "#shared";
import type { IndexEvent } from "../event-window.ts";
import { CompactedError, type Transformer } from "../store.ts";
import type { EncodedObject, EncodedObjectInit } from "../stored-object.ts";
import type { VersionedCollection } from "../versioned-collection.ts";
import { type HistoryLimits, VersionedIndex } from "../versioned-index.ts";
import type { EtcdClient } from "./etcd-client.ts";
import type { EtcdAnswer, EtcdMessage } from "./etcd-messages.ts";
import { type KeyValue, type LoadedKeys, loadKeys } from "./load-keys.ts";
import { UnclaimedKeys } from "./unclaimed-keys.ts";
import { decodeValue } from "./value-codec.ts";

export interface EtcdMirrorOptions {
  readonly client: EtcdClient;
  /** All keys of the store start so: "/registry/". */
  readonly root: string;
  readonly history?: HistoryLimits | undefined;
  readonly transformer?: Transformer | undefined;
  readonly makeObject: (init: EncodedObjectInit) => EncodedObject;
  /** The object a value was made from, where this process wrote it: it need not be parsed again. */
  readonly findWritten: (fullKey: string, value: Uint8Array) => EncodedObjectInit["object"];
  /** Told of every change, in order, before `reach` resolves for it. */
  readonly onEvent: (fullKey: string, event: IndexEvent) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

type Response = EtcdAnswer<"WatchResponse">;
const shortestPauseMs = 50;
const longestPauseMs = 2000;
const patienceMs = 10_000;

/** Loads everything under the root. Resolves when the index shows etcd as it was when this was called, or later. */
export async function openEtcdMirror(options: EtcdMirrorOptions, signal?: AbortSignal): Promise<EtcdMirror> {
  const loaded = await loadKeys(options.client, options.root, signal);
  await prepareValues(loaded.kvs, options, signal);
  const mirror = new EtcdMirror(options, loaded);
  await mirror.reach(loaded.newest);
  return mirror;
}

export class EtcdMirror {
  readonly index: VersionedIndex;
  readonly #options: EtcdMirrorOptions;
  readonly #claimed = new Map<string, VersionedCollection>();
  readonly #stop = new AbortController();
  #unclaimed: UnclaimedKeys;
  #waiters: Waiter[] = [];
  #stream: DuplexStream<EtcdMessage<"WatchRequest">> | undefined;
  #pauseMs = shortestPauseMs;
  /** Responses that wait until one before them can be decoded. */
  #held: Response[] | undefined;

  constructor(options: EtcdMirrorOptions, { revision, kvs }: LoadedKeys) {
    const { history, clock, logger } = options;
    this.#options = options;
    const oldest = revision === 1 ? 0 : revision;
    this.index = new VersionedIndex({ revision, oldest, history, clock, logger });
    this.#unclaimed = this.#take(kvs, oldest);
    this.#watch();
  }

  #take(kvs: readonly KeyValue[], oldest: number): UnclaimedKeys {
    const unclaimed = new UnclaimedKeys(oldest);
    for (const kv of kvs) {
      const fullKey = textOf(kv.key);
      unclaimed.load(fullKey, this.#maker(fullKey, kv));
    }
    return unclaimed;
  }

  /** The collection of a prefix, with what is known of its past. */
  claim(prefix: string): VersionedCollection {
    const known = this.#claimed.get(prefix);
    if (known) return known;
    const collection = this.#unclaimed.claim(this.index, prefix);
    this.#claimed.set(prefix, collection);
    return collection;
  }

  /** Resolves when the change of that revision is in the index. */
  reach(revision: number): Promise<void> {
    if (this.index.revision >= revision) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stopTimer = this.#options.clock.after(patienceMs, () =>
        reject(new Error(`Cannot see revision ${revision} of etcd: its watch is behind, at ${this.index.revision}`)),
      );
      const settle = (run: () => void) => {
        stopTimer();
        run();
      };
      this.#waiters.push({
        revision,
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      });
    });
  }

  #watch(): void {
    const { client } = this.#options;
    this.#held = undefined;
    this.#stream = client.watchAll(
      this.index.revision + 1,
      (response) => this.#receive(response),
      (error) => this.#resume(error),
    );
  }

  #receive(response: Response): void {
    this.#pauseMs = shortestPauseMs;
    if (this.#held) {
      this.#held.push(response);
      return;
    }
    const wait = prepareValues(kvsOf(response), this.#options, this.#stop.signal);
    if (wait === undefined) this.#process(response);
    else this.#hold(response, wait);
  }

  /** What cannot be decoded after the wait either is passed over in the end, as all that is unreadable. */
  #hold(response: Response, wait: Promise<void>): void {
    const held: Response[] = [];
    this.#held = held;
    const goOn = () => {
      // The stream they came by may have broken: the next one brings them again.
      if (this.#held !== held || this.#stop.signal.aborted) return;
      this.#held = undefined;
      this.#process(response);
      for (const next of held) this.#receive(next);
    };
    wait.then(goOn, (error: unknown) => {
      this.#options.logger.error({ error: describeError(error) }, "the key of a change in etcd can't be had");
      goOn();
    });
  }

  #process(response: Response): void {
    if (response.canceled) {
      this.#restart(response);
      return;
    }
    for (const { type, kv } of response.events) if (kv) this.#tryApply(kv, type === "DELETE");
    if (response.events.length > 0 && !response.fragment) this.#publish();
  }

  #tryApply(kv: KeyValue, isDelete: boolean): void {
    try {
      this.#apply(kv, isDelete);
    } catch (error) {
      const key = textOf(kv.key);
      this.#options.logger.error(
        { key, error: describeError(error) },
        "a change in etcd can't be read: it is passed over",
      );
      this.index.advance(kv.modRevision);
    }
  }

  #apply(kv: KeyValue, isDelete: boolean): void {
    const fullKey = textOf(kv.key);
    const revision = kv.modRevision;
    const collection = this.#collectionOf(fullKey);
    const make = isDelete ? undefined : this.#maker(fullKey, kv);
    if (!collection) {
      if (fullKey.startsWith(this.#options.root)) this.#unclaimed.apply({ fullKey, revision, make });
      this.index.advance(revision);
      return;
    }
    const key = fullKey.slice(collection.prefix.length);
    // All states of an object share one string.
    const name = collection.get(key)?.key ?? key;
    const event = this.index.apply({ collection, key: name, revision, stored: make?.(name) });
    if (event) this.#options.onEvent(fullKey, event);
  }

  #maker(fullKey: string, kv: KeyValue): (key: string) => EncodedObject {
    const { transformer, makeObject, findWritten } = this.#options;
    const revision = kv.modRevision;
    return (key) => {
      const object = findWritten(fullKey, kv.value);
      const bytes = decodeValue(fullKey, kv.value, { revision, transformer });
      if (!object) return makeObject({ key, revision, bytes, expiresAt: 0 });
      object.metadata.resourceVersion = String(revision);
      return makeObject({ key, revision, bytes, expiresAt: 0, object });
    };
  }

  #collectionOf(fullKey: string): VersionedCollection | undefined {
    for (let end = fullKey.indexOf("/", 1); end !== -1; end = fullKey.indexOf("/", end + 1)) {
      const collection = this.#claimed.get(fullKey.slice(0, end + 1));
      if (collection) return collection;
    }
    return undefined;
  }

  #publish(): void {
    this.index.publish();
    const { revision } = this.index;
    const due = this.#waiters.filter((waiter) => waiter.revision <= revision);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision);
    for (const { resolve } of due) resolve();
  }

  /** The stream broke: it goes on where it stopped. */
  #resume(error: GrpcError | undefined): void {
    if (this.#stop.signal.aborted) return;
    this.#options.logger.warn(
      { error: error && describeError(error) },
      "the watch of etcd broke, it is taken up again",
    );
    this.#options.clock.after(this.#pauseMs, () => {
      if (!this.#stop.signal.aborted) this.#watch();
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  /** Etcd ended the watch: what comes next is unknown when it was compacted away meanwhile. */
  #restart({ compactRevision, cancelReason }: Response): void {
    this.#stream?.cancel();
    if (compactRevision <= this.index.revision) {
      this.#resume(undefined);
      return;
    }
    this.#options.logger.error({ compactRevision, cancelReason }, "changes in etcd were lost, everything is read anew");
    this.#reload().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      this.#options.logger.warn({ error: describeError(error) }, "etcd cannot be read, it is tried again");
      this.#resume(undefined);
    });
  }

  async #reload(): Promise<void> {
    const { client, root } = this.#options;
    const { revision, kvs } = await loadKeys(client, root, this.#stop.signal);
    await prepareValues(kvs, this.#options, this.#stop.signal);
    this.index.end(new CompactedError(this.index.revision, revision));
    this.index.advance(revision);
    this.index.compact(revision);
    const unclaimed = this.#take(kvs, revision);
    for (const collection of this.#claimed.values()) collection.load(unclaimed.takeObjects(collection.prefix));
    this.#unclaimed = unclaimed;
    this.#publish();
    this.#watch();
  }

  /** Nothing is heard of etcd any more; those who wait are told why. */
  close(reason: Error): void {
    this.#stop.abort(reason);
    this.#stream?.cancel();
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(reason);
    this.index.end(reason);
  }
}

/** Resolves when the values can be decoded; undefined: they can be at once. */
function prepareValues(
  kvs: readonly KeyValue[],
  { transformer }: Pick<EtcdMirrorOptions, "transformer">,
  signal: AbortSignal | undefined,
): Promise<void> | undefined {
  if (!transformer?.prepare) return undefined;
  const waits: Promise<void>[] = [];
  for (const { key, value } of kvs) {
    const wait = transformer.prepare(textOf(key), value, signal);
    if (wait !== undefined) waits.push(wait);
  }
  return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
}

function kvsOf({ events }: Response): KeyValue[] {
  return events.flatMap(({ type, kv }) => (kv && type !== "DELETE" ? [kv] : []));
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("utf8");
}
