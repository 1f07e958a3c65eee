import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { DelayQueue } from "./delay-queue.ts";

function setUp() {
  const clock = new FakeClock();
  const due: string[] = [];
  return { clock, due, queue: new DelayQueue(clock, (key) => due.push(key)) };
}

test("DelayQueue: keys come in the order of their times, by one timer", async () => {
  const { clock, due, queue } = setUp();
  for (const delay of [50, 10, 40, 20, 30]) queue.add(`k${delay}`, delay);
  assert.equal(clock.pending, 1);
  await clock.advance(35);
  assert.deepEqual(due, ["k10", "k20", "k30"]);
  await clock.advance(15);
  assert.deepEqual(due, ["k10", "k20", "k30", "k40", "k50"]);
  assert.equal(clock.pending, 0);
});

test("DelayQueue: a key that waits keeps the earlier time", async () => {
  const { clock, due, queue } = setUp();
  queue.add("a", 20);
  queue.add("a", 50);
  queue.add("b", 50);
  queue.add("b", 10);
  await clock.advance(20);
  assert.deepEqual(due, ["b", "a"]);
  await clock.advance(100);
  assert.equal(due.length, 2);
});

test("DelayQueue: removed and cleared keys do not come", async () => {
  const { clock, due, queue } = setUp();
  queue.add("a", 10);
  queue.add("b", 10);
  queue.remove("a");
  await clock.advance(10);
  assert.deepEqual(due, ["b"]);
  queue.add("c", 10);
  queue.clear();
  assert.equal(clock.pending, 0);
  await clock.advance(10);
  assert.deepEqual(due, ["b"]);
});

test("DelayQueue: many keys, any order", async () => {
  const { clock, due, queue } = setUp();
  const delays = Array.from({ length: 500 }, (_, n) => ((n * 7919) % 500) + 1);
  for (const delay of delays) queue.add(String(delay), delay);
  await clock.advance(500);
  assert.deepEqual(
    due,
    Array.from({ length: 500 }, (_, n) => String(n + 1)),
  );
});
