import assert from "node:assert/strict";
import { test } from "node:test";
import { inBatches, slowStart } from "./batches.ts";

test("slowStart: one, two, four, … side by side, never more than 256", async () => {
  let running = 0;
  const most: number[] = [];
  const result = await slowStart(1000, async () => {
    running++;
    await Promise.resolve();
    most.push(running);
    await Promise.resolve();
    running--;
  });
  assert.deepEqual(result, { succeeded: 1000, failure: undefined });
  assert.deepEqual([most[0], most[1], most[3], most[7]], [1, 2, 4, 8]);
  assert.equal(Math.max(...most), 256);
});

test("slowStart: a failure ends it after its batch", async () => {
  const tried: number[] = [];
  const error = new Error("quota");
  const result = await slowStart(100, async (position) => {
    tried.push(position);
    if (position === 4) throw error;
  });
  assert.equal(tried.length, 7);
  assert.deepEqual(result, { succeeded: 6, failure: error });
});

test("slowStart: nothing to do is done", async () => {
  assert.deepEqual(await slowStart(0, () => Promise.reject(new Error("never"))), { succeeded: 0, failure: undefined });
});

test("inBatches: goes through all, then throws the first failure", async () => {
  const done: number[] = [];
  const run = inBatches([1, 2, 3], async (item) => {
    if (item < 3) throw new Error(`no ${item}`);
    done.push(item);
  });
  await assert.rejects(run, /no 1/);
  assert.deepEqual(done, [3]);
});
