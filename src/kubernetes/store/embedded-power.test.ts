// Crashes and power cuts, at any moment of any operation, again and again on the same disk. By hand, SLIPWAY_STORE_ROUNDS runs
// more of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openEmbeddedStore } from "./embedded-store.ts";
import type { LocalStore } from "./local-store.ts";
import { CompactedError, type Transformer } from "./store.ts";
import { assertConsistent, objectOf, readValue } from "./testing/objects.ts";
import { type Random, seededRandom } from "./testing/random.ts";
import { SimulatedDisk } from "./testing/simulated-disk.ts";
import { type ModelChange, StoreModel } from "./testing/store-model.ts";

const rounds = Number(process.env["SLIPWAY_STORE_ROUNDS"] ?? 25);
const cutsPerRound = 6;
const prefix = "/registry/pods/";

for (let seed = 1; seed <= rounds; seed++) {
  test(`power cuts ${seed}: no acknowledged or visible write is lost, none appears from nowhere`, async () => {
    const run = new PowerRun(seededRandom(seed));
    for (let cut = 0; cut < cutsPerRound; cut++) await run.untilCut();
    await run.check();
  });
}

class PowerRun {
  readonly #random: Random;
  readonly #disk = new SimulatedDisk();
  /** All writes ever asked for, but those that a power cut took before anybody could have known. */
  #model = new StoreModel();
  /** The newest revision that was acknowledged or shown. */
  #promised = 1;
  readonly #transformer: Transformer | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#transformer = random.chance(0.3) ? reversing : undefined;
  }

  /** Opens, checks, writes until the end comes: perhaps before it is open. */
  async untilCut(): Promise<void> {
    this.#cutAfter(this.#random.below(this.#random.pick([20, 100, 600])));
    try {
      const store = await this.#open();
      await this.#checkStore(store);
      await this.#write(store);
    } catch (error) {
      if (!/power/.test(String(error))) throw error;
    }
    if (this.#random.chance(0.3)) this.#disk.kill();
    else this.#disk.cutPower(this.#random);
  }

  async check(): Promise<void> {
    const store = await this.#open();
    await this.#checkStore(store);
    await store.close();
  }

  #open(): Promise<LocalStore> {
    const log = { segmentBytes: 1500, snapshotBytes: 5000, historyBytes: 2500 };
    return openEmbeddedStore({ folder: "/store", files: this.#disk.files(), log, transformer: this.#transformer });
  }

  #cutAfter(operations: number): void {
    this.#disk.fault = (operation, _path, size) => {
      if (operations-- > 0) return undefined;
      if (operation === "append" && operations === -1) return 1 + this.#random.below(size);
      throw new Error("the power is gone");
    };
  }

  async #checkStore(store: LocalStore): Promise<void> {
    const { revision } = store;
    assert.ok(revision >= this.#promised, `the store is at ${revision}, promised was ${this.#promised}`);
    assert.ok(revision <= this.#model.revision, `revision ${revision} was never written`);
    const kept = new StoreModel();
    for (const change of this.#model.changesBetween(0, revision)) kept.add(change);
    this.#model = kept;
    this.#promised = revision;
    const { items } = await store.collection(prefix).list();
    for (const stored of items) assertConsistent(stored);
    const shown = items.map((stored) => ({ key: stored.key, revision: stored.revision, value: readValue(stored) }));
    assert.deepEqual(shown, kept.listAt(revision));
    const { oldest, changes } = readHistory(store);
    assert.deepEqual(changes, kept.changesBetween(oldest, revision));
  }

  /** Writes in bursts until it fails. */
  async #write(store: LocalStore): Promise<void> {
    const collection = store.collection(prefix);
    collection.watch(store.revision, (events) => this.#promise(events.at(-1)!.revision));
    for (;;) {
      const writes = Array.from({ length: 1 + this.#random.below(10) }, () => this.#writeOne(store));
      const failed = (await Promise.allSettled(writes)).find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
    }
  }

  async #writeOne(store: LocalStore): Promise<void> {
    const collection = store.collection(prefix);
    const key = `key-${this.#random.below(12)}`;
    const revision = this.#model.revision + 1;
    const expected = this.#model.get(key)?.revision ?? 0;
    const isDelete = expected > 0 && this.#random.chance(0.3);
    const value = isDelete ? undefined : `${revision} ${"x".repeat(this.#random.below(600))}`;
    this.#model.add({ revision, key, value });
    const result =
      value === undefined
        ? await collection.delete(key, expected)
        : await collection.put(key, objectOf(key, value), expected);
    assert.ok(result.written);
    assert.equal(result.stored.revision, revision);
    this.#promise(revision);
  }

  #promise(revision: number): void {
    this.#promised = Math.max(this.#promised, revision);
  }
}

function readHistory(store: LocalStore): { oldest: number; changes: ModelChange[] } {
  const changes: ModelChange[] = [];
  const read = (after: number) => {
    const watch = store.collection(prefix).watch(after, (events) => {
      for (const { type, revision, current } of events) {
        changes.push({ revision, key: current.key, value: type === "put" ? readValue(current) : undefined });
      }
    });
    watch.stop();
    return { oldest: after, changes };
  };
  try {
    return read(0);
  } catch (error) {
    assert.ok(error instanceof CompactedError);
    return read(error.oldest);
  }
}

const reversing: Transformer = {
  toDisk: (key, bytes) => Buffer.concat([Buffer.from(bytes).reverse(), Buffer.from(key)]),
  fromDisk(key, bytes) {
    const length = bytes.length - Buffer.byteLength(key);
    assert.equal(Buffer.from(bytes.subarray(length)).toString(), key);
    return Buffer.from(bytes.subarray(0, length)).reverse();
  },
};
