// The part of the store suite that makes random histories and compares every answer with the model's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Collection, CompactedError, type ListResult, type Store, type WriteResult } from "../store.ts";
import { assertConsistent, objectOf, readValue } from "./objects.ts";
import { type Random, seededRandom } from "./random.ts";
import { type ModelChange, type ModelObject, StoreModel } from "./store-model.ts";
import type { Engine, OpenedStore } from "./store-suite.ts";

/** SLIPWAY_STORE_ROUNDS runs more of them, by hand. */
const rounds = Number(process.env["SLIPWAY_STORE_ROUNDS"] ?? 8);
const stepsPerRound = 120;
const prefix = "/registry/pods/";
const keys = ["a/1", "a/2", "a/3", "a-b/1", "b/1", "b/2", "b/3", "b/4", "c/1", "länder/1"];

export function testRandomHistories(engine: Engine): void {
  for (let seed = 1; seed <= rounds; seed++) {
    test(`random history ${seed}: every answer is the model's`, async () => {
      const run = new RandomRun(await engine.open(), seededRandom(seed));
      for (let step = 0; step < stepsPerRound; step++) await run.step();
      await run.finish();
    });
  }
}

interface WatchRun {
  readonly after: number;
  readonly seen: ModelChange[];
  stop(): void;
}

interface Attempt {
  readonly key: string;
  readonly value: string | undefined;
  readonly expected: number;
  readonly result: WriteResult;
}

class RandomRun {
  readonly #opened: OpenedStore;
  readonly #random: Random;
  readonly #model = new StoreModel();
  #store: Store;
  #collection: Collection;
  #watches: WatchRun[] = [];
  /** Before this revision the past may be forgotten. */
  #oldest = 0;
  #values = 0;

  constructor(opened: OpenedStore, random: Random) {
    this.#opened = opened;
    this.#random = random;
    this.#store = opened.store;
    this.#collection = this.#store.collection(prefix);
  }

  async step(): Promise<void> {
    const dice = this.#random.next();
    if (dice < 0.45) await this.#writeBurst();
    else if (dice < 0.7) await this.#list();
    else if (dice < 0.85) this.#startWatch();
    else if (dice < 0.95) this.#stopWatch();
    else if (dice < 0.975) await this.#compact();
    else await this.#reopen();
  }

  async finish(): Promise<void> {
    while (this.#watches.length > 0) this.#stopWatch();
    await this.#reopen();
    assert.deepEqual(objectsOf(await this.#collection.list()), this.#model.listAt(this.#model.revision));
    await this.#store.close();
  }

  /** Several writes at once, some of them based on what is no longer or never was. */
  async #writeBurst(): Promise<void> {
    const before = this.#model.revision;
    const attempts = await Promise.all(Array.from({ length: 1 + this.#random.below(8) }, () => this.#write()));
    const written = attempts.filter(({ result }) => result.written);
    written.sort((a, b) => revisionOf(a.result) - revisionOf(b.result));
    for (const { key, value, expected, result } of written) {
      const revision = revisionOf(result);
      assert.ok(revision > this.#model.revision, "revisions only grow");
      assert.equal(this.#model.get(key)?.revision ?? 0, expected, `${key} was written without being as expected`);
      this.#model.add({ revision, key, value });
    }
    for (const attempt of attempts) if (!attempt.result.written) this.#checkRefusal(attempt, before);
    assert.equal(this.#store.revision, this.#model.revision);
    assert.equal(this.#collection.count(), this.#model.listAt(this.#model.revision).length);
  }

  async #write(): Promise<Attempt> {
    const key = this.#random.pick(keys);
    const there = this.#model.get(key)?.revision ?? 0;
    const expected = this.#random.pick([there, there, there, 0, this.#random.below(this.#model.revision + 1)]);
    if (this.#random.chance(0.3)) {
      return { key, value: undefined, expected, result: await this.#collection.delete(key, expected) };
    }
    const value = `${this.#values++}${"x".repeat(this.#random.below(200))}`;
    return { key, value, expected, result: await this.#collection.put(key, objectOf(key, value), expected) };
  }

  /** A refusal tells of a state the key had before or during the burst, and not of the one expected. */
  #checkRefusal({ key, value, expected, result }: Attempt, before: number): void {
    assert.ok(!result.written);
    const current = result.current?.revision ?? 0;
    if (value !== undefined || current !== 0) assert.notEqual(current, expected);
    const states = this.#model
      .changesBetween(before, this.#model.revision)
      .filter((change) => change.key === key)
      .map((change) => (change.value === undefined ? 0 : change.revision));
    const start = this.#model.listAt(before).find((object) => object.key === key)?.revision ?? 0;
    assert.ok([start, ...states].includes(current), `${key} never was at ${current}`);
  }

  async #list(): Promise<void> {
    const revision = this.#random.chance(0.3) ? undefined : this.#random.below(this.#model.revision + 1);
    const keyPrefix = this.#random.pick([undefined, "a/", "b/", "b", "zz"]);
    const after = this.#random.pick([undefined, ...keys]);
    const limit = this.#random.pick([undefined, 0, 1, 2, 5]);
    const wanted = this.#model
      .listAt(revision ?? this.#model.revision)
      .filter(({ key }) => key.startsWith(keyPrefix ?? "") && (after === undefined || key > after));
    try {
      const list = await this.#collection.list({ revision, keyPrefix, after, limit });
      assert.deepEqual(objectsOf(list), wanted.slice(0, limit));
      assert.equal(list.remaining, wanted.length - list.items.length);
      assert.equal(list.revision, revision ?? this.#model.revision);
    } catch (error) {
      this.#checkCompacted(error, revision);
    }
  }

  #startWatch(): void {
    const after = this.#random.below(this.#model.revision + 1);
    const seen: ModelChange[] = [];
    try {
      const { stop } = this.#collection.watch(after, (events) => {
        for (const { type, revision, current } of events) {
          seen.push({ revision, key: current.key, value: type === "put" ? readValue(current) : undefined });
        }
      });
      this.#watches.push({ after, seen, stop });
    } catch (error) {
      this.#checkCompacted(error, after);
    }
  }

  #stopWatch(): void {
    const [watch] = this.#watches.splice(this.#random.below(this.#watches.length), 1);
    if (!watch) return;
    watch.stop();
    assert.deepEqual(watch.seen, this.#model.changesBetween(watch.after, this.#model.revision));
  }

  #checkCompacted(error: unknown, revision: number | undefined): void {
    if (!(error instanceof CompactedError)) throw error;
    assert.ok(revision !== undefined && revision < this.#oldest, `revision ${revision} should be known`);
    assert.ok(error.oldest > revision && error.oldest <= this.#oldest);
  }

  async #compact(): Promise<void> {
    const revision = this.#random.below(this.#model.revision + 1);
    await this.#store.compact(revision);
    this.#oldest = Math.max(this.#oldest, revision);
  }

  async #reopen(): Promise<void> {
    if (!this.#opened.reopen) return;
    while (this.#watches.length > 0) this.#stopWatch();
    this.#store = await this.#opened.reopen();
    this.#collection = this.#store.collection(prefix);
    assert.equal(this.#store.revision, this.#model.revision);
    // A snapshot may have let go of a part of the past.
    try {
      this.#collection.watch(0, () => {}).stop();
    } catch (error) {
      assert.ok(error instanceof CompactedError && error.oldest <= this.#model.revision);
      this.#oldest = Math.max(this.#oldest, error.oldest);
    }
  }
}

function revisionOf(result: WriteResult): number {
  assert.ok(result.written);
  return result.stored.revision;
}

function objectsOf(list: ListResult): ModelObject[] {
  return list.items.map((stored) => {
    assertConsistent(stored);
    return { key: stored.key, revision: stored.revision, value: readValue(stored) };
  });
}
