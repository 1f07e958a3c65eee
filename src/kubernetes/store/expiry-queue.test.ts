import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { openMemoryStore } from "./memory-store.ts";
import { objectOf, put } from "./testing/objects.ts";
import { seededRandom } from "./testing/random.ts";

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
    const left = seconds.filter(([, at]) => at > now).map(([key]) => key);
    assert.deepEqual(
      (await events.list()).items.map(({ key }) => key),
      left.sort(),
    );
  }
  assert.equal(clock.pending, 0);
  await store.close();
});

test("expiry: an object written over and over goes at its last time, and no timer is left after close", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const events = store.collection("/registry/events/");
  for (let at = 0; at < 3000; at++) await put(events, `event-${at % 3}`, `${at}`, { ttlSeconds: 60 + (at % 50) });
  await clock.advance(60_000 + 46_000);
  assert.equal(events.count(), 3);
  await clock.advance(1_000);
  assert.equal(events.count(), 2);
  await put(events, "kept", "1", { ttlSeconds: 1000 });
  await store.close();
  assert.equal(clock.pending, 0);
});
