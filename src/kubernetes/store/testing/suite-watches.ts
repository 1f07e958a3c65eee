// The part of the store suite about watches: what was, then what comes, in order, without gaps.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoreEvent } from "../store.ts";
import { assertConsistent, objectOf, put, remove, show, showEvent } from "./objects.ts";
import type { Engine } from "./store-suite.ts";

export function testWatches(engine: Engine): void {
  test("watch: first the changes already known, then each that comes", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const first = await put(pods, "a", "1");
    await put(pods, "a", "2");
    await put(store.collection("/registry/secrets/"), "a", "elsewhere");
    await remove(pods, "a");
    const seen: StoreEvent[] = [];
    const watch = pods.watch(first.revision, (events) => seen.push(...events));
    assert.deepEqual(seen.map(showEvent), ["~a=2", "-a=2"], "during the call");
    await put(pods, "a", "3");
    await put(pods, "b", "1");
    assert.deepEqual(seen.map(showEvent), ["~a=2", "-a=2", "+a=3", "+b=1"]);
    const revisions = seen.map(({ revision }) => revision);
    assert.deepEqual(
      revisions,
      [...revisions].sort((a, b) => a - b),
    );
    for (const event of seen) {
      assert.equal(event.revision, event.current.revision);
      assertConsistent(event.current);
    }
    assert.equal(seen[0]?.previous && show(seen[0].previous), "a=1");
    assert.equal(seen[1]?.previous && show(seen[1].previous), "a=2");
    assert.equal(seen[2]?.previous, undefined);
    watch.stop();
    await put(pods, "b", "2");
    assert.equal(seen.length, 4, "a stopped watch is silent");
    await store.close();
  });

  test("watch: writes that become durable together come together, in order", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const seen: StoreEvent[] = [];
    pods.watch(store.revision, (events) => seen.push(...events));
    await Promise.all(Array.from({ length: 50 }, (_, at) => pods.put(`default/${at}`, objectOf(`${at}`), 0)));
    assert.equal(seen.length, 50);
    for (const [at, event] of seen.entries()) assert.ok(at === 0 || event.revision > seen[at - 1]!.revision);
    await store.close();
  });

  test("watch: what an event tells can be read, and is not acknowledged before", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const order: string[] = [];
    const reads: Promise<void>[] = [];
    pods.watch(store.revision, ([event]) => {
      order.push("event");
      assert.equal(store.revision, event?.revision);
      reads.push(pods.get("a").then((there) => assert.equal(there?.revision, event?.revision)));
    });
    await pods.put("a", objectOf("a"), 0).then(() => order.push("acknowledged"));
    assert.deepEqual(order, ["event", "acknowledged"]);
    await Promise.all(reads);
    assert.equal(reads.length, 1);
    await store.close();
  });

  test("watch: many share one event", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const seen: StoreEvent[] = [];
    for (let at = 0; at < 3; at++) pods.watch(store.revision, (events) => seen.push(...events));
    await put(pods, "a", "1");
    assert.equal(seen.length, 3);
    assert.equal(new Set(seen.map(({ current }) => current)).size, 1);
    await store.close();
  });

  test("watch: from a revision yet to come, only what comes after it", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const seen: string[] = [];
    const { revision } = await put(pods, "a", "1");
    pods.watch(revision + 2, (events) => {
      assert.ok(events.length > 0);
      seen.push(...events.map(showEvent));
    });
    const results = await Promise.all(["b", "c", "d", "e"].map((key) => pods.put(key, objectOf(key), 0)));
    const expected = results.flatMap((result) =>
      result.written && result.stored.revision > revision + 2 ? [`+${show(result.stored)}`] : [],
    );
    assert.deepEqual(seen.sort(), expected.sort());
    await store.close();
  });

  test("watch: started, stopped and written from inside a listener", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const { revision } = store;
    const inner: string[] = [];
    const late: string[] = [];
    let write: Promise<unknown> | undefined;
    const outer = pods.watch(revision, () => {
      outer.stop();
      doomed.stop();
      pods.watch(revision, (events) => inner.push(events.map(showEvent).join(" ")));
      write = pods.put("b", objectOf("b", "1"), 0);
    });
    const doomed = pods.watch(revision, (events) => late.push(...events.map(showEvent)));
    await put(pods, "a", "1");
    await write;
    assert.deepEqual(inner, ["+a=1", "+b=1"]);
    assert.deepEqual(late, [], "stopped before its turn");
    await store.close();
  });

  test("watch: a listener that throws ends its own watch and nothing else", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const ends: string[] = [];
    const seen: string[] = [];
    let calls = 0;
    pods.watch(
      store.revision,
      () => {
        calls++;
        throw new Error("cannot take it");
      },
      (error) => ends.push(error.message),
    );
    pods.watch(store.revision, (events) => seen.push(...events.map(showEvent)));
    await put(pods, "a", "1");
    await put(pods, "a", "2");
    assert.equal(calls, 1);
    assert.deepEqual(seen, ["+a=1", "~a=2"]);
    assert.equal(ends.length, 1);
    assert.match(ends[0]!, /cannot take it/);
    await store.close();
    assert.equal(ends.length, 1);
  });
}
