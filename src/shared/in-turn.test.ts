import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurn } from "./in-turn.ts";

test("inTurn: one after another for the same key, also behind one that failed; others side by side", async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn("a", async () => {
    await gate.promise;
    order.push("first");
    throw new Error("no");
  });
  const second = inTurn("a", async () => order.push("second"));
  await inTurn("b", async () => order.push("other"));
  assert.deepEqual(order, ["other"]);
  gate.resolve();
  await assert.rejects(first, /no/);
  assert.equal(await second, 3);
  assert.deepEqual(order, ["other", "first", "second"]);
});
