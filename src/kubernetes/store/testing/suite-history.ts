// The part of the store suite about the past: how long it is known, and compaction.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Collection, CompactedError, type StoreEvent } from "../store.ts";
import { put, show } from "./objects.ts";
import type { Engine } from "./store-suite.ts";

export function testHistory(engine: Engine): void {
  test("compact: forgets what was before, keeps what is and what comes", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const first = await put(pods, "a", "1");
    const second = await put(pods, "a", "2");
    const third = await put(pods, "b", "1");
    await store.compact(second.revision);
    const isCompacted = (error: Error) => error instanceof CompactedError && error.oldest === second.revision;
    await assert.rejects(pods.list({ revision: first.revision }), isCompacted);
    assert.throws(() => pods.watch(first.revision, () => {}), isCompacted);
    assert.throws(() => store.collection("/registry/new/").watch(first.revision, () => {}), isCompacted);
    assert.deepEqual((await pods.list({ revision: second.revision })).items.map(show), ["a=2"]);
    const seen: StoreEvent[] = [];
    pods.watch(second.revision, (events) => seen.push(...events));
    assert.deepEqual(
      seen.map(({ revision }) => revision),
      [third.revision],
    );
    await store.compact(first.revision);
    assert.deepEqual((await pods.list()).items.map(show), ["a=2", "b=1"]);
    await assert.rejects(store.compact(store.revision + 1), /the newest is/);
    await store.close();
  });

  test("history: by age, but the newest changes of every collection stay", async () => {
    const { store, elapse } = await engine.open({ history: { ageMs: 60_000, keepEvents: 3 } });
    const pods = store.collection("/registry/pods/");
    const quiet = store.collection("/registry/quiet/");
    const { revision } = await put(quiet, "a", "1");
    for (let at = 0; at < 10; at++) await put(pods, `pod-${at}`, "x");
    const before = store.revision;
    await elapse(30_000);
    await put(pods, "later", "x");
    assert.equal(oldestOf(pods), 0);
    await elapse(32_000);
    await put(pods, "latest", "x");
    const oldest = oldestOf(pods);
    assert.ok(oldest >= before - 3 && oldest <= before, `the oldest is ${oldest}, a minute ago it was ${before}`);
    assert.equal(countSince(pods, oldest), store.revision - oldest);
    assert.equal(countSince(quiet, revision - 1), 1, "a quiet collection keeps its few");
    await store.close();
  });

  test("history: by memory, whatever the age", async () => {
    const { store } = await engine.open({ history: { bytes: 50_000 } });
    const pods = store.collection("/registry/pods/");
    for (let at = 0; at < 100; at++) await putFive(pods, "x".repeat(1000));
    const known = countSince(pods, oldestOf(pods));
    assert.ok(known > 15 && known < 50, `${known} changes are known, each holds about 1400 bytes`);
    assert.equal(pods.count(), 5);
    await store.close();
  });

  test("history: deletes count as what they hold", async () => {
    const { store } = await engine.open({ history: { bytes: 50_000, keepEvents: 10 } });
    const pods = store.collection("/registry/pods/");
    for (let at = 0; at < 50; at++) {
      await putFive(pods, "x".repeat(1000));
      for (const { key, revision } of (await pods.list()).items.slice(1)) await pods.delete(key, revision);
    }
    const known = countSince(pods, oldestOf(pods));
    assert.ok(known > 15 && known < 60, `${known} changes are known, each delete holds about 2500 bytes`);
    await store.close();
  });
}

async function putFive(collection: Collection, value: string): Promise<void> {
  await Promise.all(["a", "b", "c", "d", "e"].map((key) => put(collection, key, value)));
}

function oldestOf(collection: Collection): number {
  try {
    collection.watch(0, () => {}).stop();
    return 0;
  } catch (error) {
    assert.ok(error instanceof CompactedError);
    return error.oldest;
  }
}

function countSince(collection: Collection, revision: number): number {
  let count = 0;
  collection
    .watch(revision, (events) => {
      count += events.length;
    })
    .stop();
  return count;
}
