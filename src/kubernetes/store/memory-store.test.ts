import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { openMemoryStore } from "./memory-store.ts";
import { objectOf, put, remove, show, showEvent } from "./testing/objects.ts";
import { testStore } from "./testing/store-suite.ts";

testStore({
  name: "memory",
  async open({ history } = {}) {
    const clock = new FakeClock();
    return { store: openMemoryStore({ history, clock, freeze: true }), elapse: (ms) => clock.advance(ms) };
  },
});

test("openMemoryStore: with freeze, nobody can change what others read", async () => {
  const store = openMemoryStore({ freeze: true });
  const pods = store.collection("/registry/pods/");
  const object = objectOf("web", "1");
  const result = await pods.put("web", object, 0);
  assert.ok(result.written);
  assert.throws(() => {
    object.metadata.name = "other";
  }, TypeError);
  const { object: last } = await remove(pods, "web");
  assert.throws(() => {
    last.metadata.name = "other";
  }, TypeError);
  await store.close();
});

test("openMemoryStore: without freeze, the object that was put is the one that is read", async () => {
  const store = openMemoryStore();
  const object = objectOf("web", "1");
  const result = await store.collection("/registry/pods/").put("web", object, 0);
  assert.ok(result.written);
  assert.equal(result.stored.object, object);
  await store.close();
});

test("fork: begins with what there is, history included, and goes its own way", async () => {
  const store = openMemoryStore();
  const pods = store.collection("/registry/pods/");
  const first = await put(pods, "a", "1");
  const second = await put(pods, "a", "2");
  const fork = store.fork();
  const forked = fork.collection("/registry/pods/");
  assert.equal(fork.revision, store.revision);
  assert.equal(await forked.get("a"), second, "the very same bytes");
  const seen: string[] = [];
  forked.watch(first.revision, (events) => seen.push(...events.map(showEvent)));
  await put(pods, "b", "of the store");
  await put(forked, "c", "of the fork");
  assert.deepEqual(seen, ["~a=2", "+c=of the fork"]);
  assert.deepEqual((await pods.list()).items.map(show), ["a=2", "b=of the store"]);
  assert.deepEqual((await forked.list()).items.map(show), ["a=2", "c=of the fork"]);
  await store.close();
  assert.deepEqual((await forked.list({ revision: first.revision })).items.map(show), ["a=1"]);
  await fork.close();
});

test("fork: objects go by themselves in both", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const events = store.collection("/registry/events/");
  await put(events, "a", "1", { ttlSeconds: 10 });
  const fork = store.fork();
  await clock.advance(11_000);
  assert.equal(events.count(), 0);
  assert.equal(fork.collection("/registry/events/").count(), 0);
  await Promise.all([store.close(), fork.close()]);
});
