import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { WorkQueue } from "./work-queue.ts";

function setUp() {
  const clock = new FakeClock();
  let ready = 0;
  return { clock, queue: new WorkQueue({ clock, onReady: () => ready++ }), ready: () => ready };
}

test("WorkQueue: a key waits once, in order of its first add", () => {
  const { queue, ready } = setUp();
  for (const key of ["a", "b", "a", "b"]) queue.add(key);
  assert.deepEqual([queue.take(), queue.take(), queue.take()], ["a", "b", undefined]);
  assert.equal(ready(), 2);
});

test("WorkQueue: a key that changes while worked on comes again afterwards, not meanwhile", () => {
  const { queue } = setUp();
  queue.add("a");
  assert.equal(queue.take(), "a");
  queue.add("a");
  queue.add("a");
  assert.equal(queue.take(), undefined);
  queue.finish("a");
  assert.equal(queue.take(), "a");
  queue.finish("a");
  assert.equal(queue.take(), undefined);
});

test("WorkQueue: back-off doubles from 5 ms to 1000 s and is forgotten", async () => {
  const { clock, queue } = setUp();
  const delays: number[] = [];
  for (let n = 0; n < 20; n++) {
    const before = clock.now();
    queue.addRateLimited("a");
    while (queue.length === 0) await clock.advance(n < 8 ? 5 : 5 * 2 ** (n - 7));
    delays.push(clock.now() - before);
    queue.take();
    queue.finish("a");
  }
  assert.deepEqual(delays.slice(0, 5), [5, 10, 20, 40, 80]);
  assert.equal(queue.retries("a"), 20);
  assert.ok(delays[19]! >= 1_000_000 && delays[19]! < 1_030_000, `${delays[19]}`);
  queue.forget("a");
  assert.equal(queue.retries("a"), 0);
});

test("WorkQueue: addAfter, and at once for no delay", async () => {
  const { clock, queue } = setUp();
  queue.addAfter("a", 0);
  queue.addAfter("b", 100);
  assert.equal(queue.length, 1);
  assert.equal(queue.delayed, 1);
  await clock.advance(100);
  assert.equal(queue.length, 2);
});

test("WorkQueue: stopped, it takes nothing more and has nothing more", () => {
  const { clock, queue } = setUp();
  queue.add("a");
  queue.addAfter("b", 10);
  queue.stop();
  queue.add("c");
  assert.equal(queue.take(), undefined);
  assert.equal(clock.pending, 0);
});

test("WorkQueue: stays in order over thousands of keys", () => {
  const { queue } = setUp();
  for (let n = 0; n < 5000; n++) queue.add(String(n));
  for (let n = 0; n < 5000; n++) {
    assert.equal(queue.take(), String(n));
    queue.finish(String(n));
    if (n % 2 === 0) queue.add(`again-${n}`);
  }
  assert.equal(queue.length, 2500);
});
