import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { openMemoryStore } from "./memory-store.ts";
import { objectOf, put } from "./testing/objects.ts";
import { seededRandom } from "./testing/random.ts";

/** Many writes at once give the event loop a turn now and then. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("expiry: in order of time, with one timer", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const events = store.collection("/registry/events/");
  const random = seededRandom(1);
  const seconds = Array.from({ length: 500 }, (_, at) => [`event-${at}`, 1 + random.below(1000)] as const);
  await Promise.all(seconds.map(([key, ttlSeconds]) => events.put(key, objectOf(key), 0, { ttlSeconds })));
  assert.equal(clock.pending, 1);
  for (let now = 100; now <= 1000; now += 100) {
    await clock.advance(100_000);
    await settled();
    const left = seconds.filter(([, at]) => at > now).map(([key]) => key);
    assert.deepEqual(
      (await events.list()).items.map(({ key }) => key),
      left.sort(),
    );
  }
  assert.equal(clock.pending, 0);
  await store.close();
});

test("expiry: objects written over and over go at their last time, and hide no others", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const events = store.collection("/registry/events/");
  const random = seededRandom(2);
  const seconds = new Map<string, number>();
  const write = async (key: string) => {
    const ttlSeconds = 1 + random.below(1000);
    seconds.set(key, ttlSeconds);
    await put(events, key, "1", { ttlSeconds });
  };
  for (let at = 0; at < 200; at++) await write(`once-${at}`);
  for (let at = 0; at < 3000; at++) await write(`often-${at % 20}`);
  for (let now = 50; now <= 1000; now += 50) {
    await clock.advance(50_000);
    await settled();
    const left = [...seconds].filter(([, at]) => at > now).map(([key]) => key);
    assert.deepEqual(
      (await events.list()).items.map(({ key }) => key),
      left.sort(),
    );
  }
  await store.close();
});

test("expiry: no timer is left after close", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  await put(store.collection("/registry/events/"), "event", "1", { ttlSeconds: 10 });
  assert.equal(clock.pending, 1);
  await store.close();
  assert.equal(clock.pending, 0);
});
