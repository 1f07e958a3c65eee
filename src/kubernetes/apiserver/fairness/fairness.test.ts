import assert from "node:assert/strict";
import { test } from "node:test";
import type { PriorityLevelConfiguration } from "#kubernetes/api";
import { dealHand, hashOf, PriorityLevel } from "./priority-level.ts";

const nobodyLends = { spareSeats: () => 0 };
const never = () => () => {};

function levelOf(seats: number, queuing?: object): PriorityLevel {
  const level = new PriorityLevel("l", nobodyLends);
  const limitResponse = queuing ? { type: "Queue", queuing } : { type: "Reject" };
  const spec = { type: "Limited", limited: { limitResponse } };
  level.configure({ metadata: { name: "l" }, spec } as PriorityLevelConfiguration, seats);
  return level;
}

test("PriorityLevel: refuses what is too much where nothing may wait", () => {
  const level = levelOf(1);
  assert.equal(level.acquire("a", never), undefined);
  assert.equal(level.acquire("a", never), "concurrency-limit");
  level.release();
  assert.equal(level.acquire("a", never), undefined);
});

test("PriorityLevel: a flow that floods fills its queues; another is served in turn", async () => {
  const level = levelOf(1, { queues: 64, handSize: 1, queueLengthLimit: 3 });
  assert.equal(level.acquire("a", never), undefined);
  const order: string[] = [];
  const waits = [1, 2, 3].map(async (n) => {
    await level.acquire("flood", never);
    order.push(`flood ${n}`);
  });
  assert.equal(level.acquire("flood", never), "queue-full");
  const other = Promise.resolve(level.acquire("other", never)).then(() => order.push("other"));
  for (let turn = 0; turn < 4; turn++) {
    level.release();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
  await Promise.all([...waits, other]);
  assert.deepEqual(order, ["flood 1", "other", "flood 2", "flood 3"]);
  assert.equal(level.waiting, 0);
});

test("PriorityLevel: whoever has waited long enough is refused", async () => {
  const level = levelOf(1, { queues: 1, handSize: 1, queueLengthLimit: 5 });
  assert.equal(level.acquire("a", never), undefined);
  let expire = (): void => {};
  const outcome = level.acquire("a", (callback) => {
    expire = callback;
    return () => {};
  });
  expire();
  assert.equal(await outcome, "time-out");
  assert.equal(level.waiting, 0);
});

test("PriorityLevel: takes what others can do without", () => {
  const spec = (lendablePercent: number) => ({
    type: "Limited",
    limited: { lendablePercent, limitResponse: { type: "Reject" } },
  });
  const lender = new PriorityLevel("lender", nobodyLends);
  lender.configure({ metadata: {}, spec: spec(50) } as PriorityLevelConfiguration, 4);
  const borrower = new PriorityLevel("borrower", { spareSeats: (each) => lender.spare - each.borrowed });
  borrower.configure({ metadata: {}, spec: spec(0) } as PriorityLevelConfiguration, 1);
  const outcomes = [1, 2, 3, 4].map(() => borrower.acquire("a", never));
  assert.deepEqual(outcomes, [undefined, undefined, undefined, "concurrency-limit"]);
});

test("dealHand: deals different queues, the same for the same flow", () => {
  const hand = dealHand(hashOf("flow"), 128, 6);
  assert.deepEqual(hand, dealHand(hashOf("flow"), 128, 6));
  assert.equal(new Set(hand).size, 6);
  assert.ok(hand.every((queue) => queue >= 0 && queue < 128));
  assert.deepEqual(dealHand(hashOf("x"), 2, 5).sort(), [0, 1]);
});
