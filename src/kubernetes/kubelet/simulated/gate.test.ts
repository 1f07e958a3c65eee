import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "./gate.ts";

test("Gate: so many at a time, in order", async () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  for (const [index, { promise }] of ends.entries()) {
    gate.add(() => {
      begun.push(index);
      return promise;
    });
  }
  assert.deepEqual(begun, [0, 1]);
  ends[1]!.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(begun, [0, 1, 2]);
  for (const { resolve } of ends) resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
});
