// The part of the store suite about beginnings and ends: expiry, closing, opening again.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Collection, Store } from "../store.ts";
import { objectOf, put, remove, show, showEvent } from "./objects.ts";
import type { Engine } from "./store-suite.ts";

export function testLife(engine: Engine): void {
  const skip = engine.expiresByClock === false && "another process's clock decides; tested beside the engine";

  test("ttl: the object goes by itself, as a delete", { skip }, async () => {
    const { store, elapse } = await engine.open();
    const events = store.collection("/registry/events/");
    const seen: string[] = [];
    events.watch(store.revision, (batch) => seen.push(...batch.map(showEvent)));
    await put(events, "a", "1", { ttlSeconds: 60 });
    await put(events, "b", "1", { ttlSeconds: 10 });
    await put(events, "c", "1");
    const gone = nextDelete(store, events);
    await elapse(9_000);
    assert.equal(events.count(), 3);
    await elapse(2_000);
    assert.equal(await gone, "b");
    assert.equal(await events.get("b"), undefined);
    const later = nextDelete(store, events);
    await elapse(60_000);
    assert.equal(await later, "a");
    assert.deepEqual(seen, ["+a=1", "+b=1", "+c=1", "-b=1", "-a=1"]);
    await store.close();
  });

  test("ttl: the last write counts", { skip }, async () => {
    const { store, elapse } = await engine.open();
    const events = store.collection("/registry/events/");
    for (const key of ["extended", "kept", "deleted", "again"]) await put(events, key, "1", { ttlSeconds: 10 });
    await put(events, "extended", "2", { ttlSeconds: 60 });
    await put(events, "kept", "2");
    await remove(events, "deleted");
    await remove(events, "again");
    await put(events, "again", "2");
    await elapse(11_000);
    await put(events, "marker", "1", { ttlSeconds: 1 });
    const gone = nextDelete(store, events);
    await elapse(3_000);
    assert.equal(await gone, "marker");
    assert.deepEqual((await events.list()).items.map(show), ["again=2", "extended=2", "kept=2"]);
    await store.close();
  });

  test("close: what is on its way arrives, then everything ends", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const seen: string[] = [];
    const ends: string[] = [];
    const stopped = pods.watch(
      store.revision,
      () => {},
      () => ends.push("stopped"),
    );
    stopped.stop();
    pods.watch(
      store.revision,
      (events) => seen.push(...events.map(showEvent)),
      (error) => ends.push(error.message),
    );
    const write = pods.put("a", objectOf("a", "1"), 0);
    const closing = store.close();
    const late = pods.put("b", objectOf("b", "1"), 0);
    await assert.rejects(late, /closed/);
    assert.ok((await write).written);
    await closing;
    assert.deepEqual(seen, ["+a=1"]);
    assert.equal(ends.length, 1);
    assert.match(ends[0]!, /closed/);
    await assert.rejects(pods.get("a"), /closed/);
    await assert.rejects(pods.list(), /closed/);
    await assert.rejects(pods.put("a", objectOf("a"), 0), /closed/);
    await assert.rejects(pods.delete("a", 2), /closed/);
    await assert.rejects(store.sync(), /closed/);
    await assert.rejects(store.compact(1), /closed/);
    assert.throws(() => pods.watch(1, () => {}), /closed/);
    await store.close();
  });

  test("reopen: everything is as it was, watches and lists of the past included", async (t) => {
    const { store, reopen } = await engine.open();
    if (!reopen) return t.skip("nothing outlives this store");
    const pods = store.collection("/registry/pods/");
    await put(pods, "a", "1");
    const { revision } = await put(pods, "b", "1");
    await put(pods, "a", "2");
    await remove(pods, "b");
    await put(store.collection("/registry/secrets/"), "s", "1");
    const last = store.revision;
    const again = await reopen();
    assert.equal(again.revision, last);
    const podsAgain = again.collection("/registry/pods/");
    assert.deepEqual((await podsAgain.list()).items.map(show), ["a=2"]);
    assert.deepEqual((await podsAgain.list({ revision })).items.map(show), ["a=1", "b=1"]);
    const seen: string[] = [];
    podsAgain.watch(revision, (events) => seen.push(...events.map(showEvent)));
    assert.deepEqual(seen, ["~a=2", "-b=1"]);
    const next = await put(podsAgain, "c", "1");
    assert.ok(next.revision > last);
    assert.deepEqual(seen, ["~a=2", "-b=1", "+c=1"]);
    await again.close();
  });

  test("reopen: expiry goes on, also that of the time between", { skip }, async (t) => {
    const { store, reopen, elapse } = await engine.open();
    if (!reopen) return t.skip("nothing outlives this store");
    await put(store.collection("/registry/events/"), "a", "1", { ttlSeconds: 10 });
    await put(store.collection("/registry/events/"), "b", "1", { ttlSeconds: 20 });
    await store.close();
    await elapse(15_000);
    const again = await reopen();
    const events = again.collection("/registry/events/");
    const gone = nextDelete(again, events);
    await elapse(1);
    assert.equal(await gone, "a");
    const later = nextDelete(again, events);
    await elapse(6_000);
    assert.equal(await later, "b");
    await again.close();
  });
}

/** The key of the next object to be deleted. */
function nextDelete(store: Store, collection: Collection): Promise<string> {
  return new Promise((resolve, reject) => {
    collection.watch(
      store.revision,
      (events) => {
        const event = events.find(({ type }) => type === "delete");
        if (event) resolve(event.current.key);
      },
      reject,
    );
  });
}
