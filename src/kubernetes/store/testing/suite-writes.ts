// The part of the store suite about put, delete, get and what happens when writes meet.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Collection } from "../store.ts";
import { assertConsistent, objectOf, put, readValue, remove, show } from "./objects.ts";
import type { Engine } from "./store-suite.ts";

export function testWrites(engine: Engine): void {
  test("an empty store: revision 1, nothing in it", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    assert.equal(store.revision, 1);
    assert.equal(await store.sync(), 1);
    assert.equal(await pods.get("default/web"), undefined);
    assert.deepEqual(await pods.list(), { items: [], revision: 1, remaining: 0 });
    assert.equal(pods.count(), 0);
    await store.close();
  });

  test("collection: one object per prefix, no overlaps", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    assert.equal(pods.prefix, "/registry/pods/");
    assert.equal(store.collection("/registry/pods/"), pods);
    assert.notEqual(store.collection("/registry/podtemplates/"), pods);
    assert.throws(() => store.collection("/registry/pods"), /does not end in "\/"/);
    assert.throws(() => store.collection("/registry/"), /is one already/);
    assert.throws(() => store.collection("/registry/pods/default/"), /is one already/);
    await store.close();
  });

  test("put: creates, then updates, each at a new revision that the object shows", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const created = await pods.put("default/web", objectOf("web", "1"), 0);
    assert.ok(created.written);
    assert.ok(created.stored.revision > 1);
    assertConsistent(created.stored);
    assert.ok(store.revision >= created.stored.revision);
    const updated = await pods.put("default/web", objectOf("web", "2"), created.stored.revision);
    assert.ok(updated.written);
    assert.ok(updated.stored.revision > created.stored.revision);
    const there = await pods.get("default/web");
    assert.ok(there);
    assertConsistent(there);
    assert.equal(show(there), "default/web=2");
    assert.equal(there.revision, updated.stored.revision);
    assert.equal(readValue(created.stored), "1", "the state before is untouched");
    assert.equal(pods.count(), 1);
    await store.close();
  });

  test("put: at another revision than expected changes nothing and answers what is there", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const there = await put(pods, "default/web", "1");
    for (const expected of [0, there.revision - 1, there.revision + 1]) {
      const result = await pods.put("default/web", objectOf("web", "2"), expected);
      assert.ok(!result.written);
      assert.equal(result.current?.revision, there.revision);
    }
    const missing = await pods.put("default/other", objectOf("other", "1"), there.revision);
    assert.deepEqual(missing, { written: false, current: undefined });
    assert.equal(store.revision, there.revision);
    assert.equal(pods.count(), 1);
    await store.close();
  });

  test("delete: answers the last state at the delete's revision", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const there = await put(pods, "default/web", "1");
    const refused = await pods.delete("default/web", there.revision + 1);
    assert.ok(!refused.written);
    assert.equal(refused.current?.revision, there.revision);
    const deleted = await remove(pods, "default/web");
    assert.ok(deleted.revision > there.revision);
    assert.equal(show(deleted), "default/web=1");
    assertConsistent(deleted);
    assert.equal(await pods.get("default/web"), undefined);
    assert.equal(pods.count(), 0);
    for (const expected of [0, deleted.revision]) {
      assert.deepEqual(await pods.delete("default/web", expected), { written: false, current: undefined });
    }
    const again = await put(pods, "default/web", "2");
    assert.ok(again.revision > deleted.revision);
    await store.close();
  });

  test("put: keys and objects of all kinds come back as they went", async () => {
    const { store, reopen } = await engine.open();
    const values = ["", "äöü €", "𝄞 and \ud800 alone", '\u0000\u001f"\\', "x".repeat(5000), "ž".repeat(700_000)];
    const keys = ["a", "default/web", "kube-system/a:b", "länder/köln", "x".repeat(300)];
    const pods = store.collection("/registry/pods/");
    for (const [at, value] of values.entries()) await put(pods, keys[at % keys.length]! + at, value);
    const before = (await pods.list()).items.map((stored) => [stored.key, stored.revision, stored.object]);
    const opened = reopen ? await reopen() : store;
    const { items } = await opened.collection("/registry/pods/").list();
    assert.deepEqual(
      items.map((stored) => [stored.key, stored.revision, JSON.parse(Buffer.from(stored.bytes).toString())]),
      before.map(([key, revision, object]) => [key, revision, JSON.parse(JSON.stringify(object))]),
    );
    await opened.close();
  });

  test("put: integers beyond what a double holds stay exact", async () => {
    const { store, reopen } = await engine.open();
    const object = { ...objectOf("web"), spec: { free: 9223372036854775807n } };
    await store.collection("/registry/crs/").put("default/web", object, 0);
    const opened = reopen ? await reopen() : store;
    const there = await opened.collection("/registry/crs/").get("default/web");
    assert.match(Buffer.from(there!.bytes).toString(), /"free":9223372036854775807[,}]/);
    assert.equal((there!.object as typeof object).spec.free, 9223372036854775807n);
    await opened.close();
  });

  test("put: an object that is no JSON is refused and costs no revision", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const circular = objectOf("web");
    circular["self"] = circular;
    await assert.rejects(pods.put("default/web", circular, 0), TypeError);
    const stored = await put(pods, "default/web", "1");
    assert.equal(store.revision, stored.revision);
    assert.equal(show((await pods.get("default/web"))!), "default/web=1");
    await store.close();
  });

  test("writes in flight: a later write of the key is checked against the earlier one", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const first = pods.put("default/web", objectOf("web", "1"), 0);
    const second = pods.put("default/web", objectOf("web", "2"), 0);
    const other = pods.put("default/other", objectOf("other", "1"), 0);
    const refused = await second;
    assert.ok(!refused.written);
    assert.equal(refused.current && show(refused.current), "default/web=1");
    const there = await pods.get("default/web");
    assert.equal(there?.revision, refused.current?.revision, "what a refusal tells of can be read");
    assert.ok((await first).written);
    assert.ok((await other).written);
    await store.close();
  });

  test("writes in flight: nobody loses an update", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    await put(pods, "default/counter", "0");
    await Promise.all(Array.from({ length: 20 }, () => addOne(pods, "default/counter")));
    assert.equal(show((await pods.get("default/counter"))!), "default/counter=20");
    await store.close();
  });

  test("writes in flight: revisions are given in the order of the calls' effects", async () => {
    const { store } = await engine.open();
    const pods = store.collection("/registry/pods/");
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, at) => pods.put(`default/${at}`, objectOf(`${at}`), 0)),
    );
    const revisions = results.map((result) => (result.written ? result.stored.revision : -1));
    assert.equal(new Set(revisions).size, 100);
    assert.equal(store.revision, Math.max(...revisions));
    await store.close();
  });
}

async function addOne(collection: Collection, key: string): Promise<void> {
  for (;;) {
    const there = await collection.get(key);
    assert.ok(there);
    const next = objectOf(key, String(Number(readValue(there)) + 1));
    if ((await collection.put(key, next, there.revision)).written) return;
  }
}
