import assert from "node:assert/strict";
import { test } from "node:test";
import type { PriorityLevelConfiguration } from "#kubernetes/api";
import { dumpQueues } from "./dumps.ts";
import type { FlowRequest } from "./flow-request.ts";
import { PriorityLevel, type SeatRequest } from "./priority-level.ts";
import { dealHand, hashOf } from "./shuffle-shard.ts";

const nobodyLends = { spareSeats: () => 0 };

function levelOf(seats: number, queuing?: object): PriorityLevel {
  const level = new PriorityLevel("l", nobodyLends);
  const limitResponse = queuing ? { type: "Queue", queuing } : { type: "Reject" };
  const spec = { type: "Limited", limited: { limitResponse } };
  level.configure({ metadata: { name: "l" }, spec } as PriorityLevelConfiguration, seats);
  return level;
}

function ask(flow: string, seats = 1, deadline: SeatRequest["deadline"] = () => () => {}): SeatRequest {
  return { flow, seats, about: undefined, deadline };
}

test("PriorityLevel: refuses what is too much where nothing may wait", () => {
  const level = levelOf(1);
  const first = ask("a");
  assert.equal(level.acquire(first), undefined);
  assert.equal(level.acquire(ask("a")), "concurrency-limit");
  level.release(first);
  assert.equal(level.acquire(ask("a")), undefined);
  assert.deepEqual(level.counts, { dispatched: 2, rejected: 1, timedOut: 0, cancelled: 0 });
});

test("PriorityLevel: a flow that floods fills its queues; another is served in turn", async () => {
  const level = levelOf(1, { queues: 64, handSize: 1, queueLengthLimit: 3 });
  let running = ask("a");
  assert.equal(level.acquire(running), undefined);
  const order: string[] = [];
  const wait = async (flow: string, name: string) => {
    const request = ask(flow);
    await level.acquire(request);
    running = request;
    order.push(name);
  };
  const waits = [1, 2, 3].map((n) => wait("flood", `flood ${n}`));
  assert.equal(level.acquire(ask("flood")), "queue-full");
  const other = wait("other", "other");
  for (let turn = 0; turn < 4; turn++) {
    level.release(running);
    await Promise.resolve();
    await Promise.resolve();
  }
  await Promise.all([...waits, other]);
  assert.deepEqual(order, ["flood 1", "other", "flood 2", "flood 3"]);
  assert.equal(level.waiting, 0);
});

test("PriorityLevel: whoever has waited long enough is refused", async () => {
  const level = levelOf(1, { queues: 1, handSize: 1, queueLengthLimit: 5 });
  assert.equal(level.acquire(ask("a")), undefined);
  let expire = (): void => {};
  const outcome = level.acquire(
    ask("a", 1, (callback) => {
      expire = callback;
      return () => {};
    }),
  );
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
  const outcomes = [1, 2, 3, 4].map(() => borrower.acquire(ask("a")));
  assert.deepEqual(outcomes, [undefined, undefined, undefined, "concurrency-limit"]);
});

test("PriorityLevel: work takes several seats; what wants more than there are runs alone", async () => {
  const level = levelOf(4, { queues: 1, handSize: 1, queueLengthLimit: 5 });
  const wide = ask("a", 3);
  assert.equal(level.acquire(wide), undefined);
  const giant = ask("a", 9);
  const waiting = level.acquire(giant);
  level.release(wide);
  assert.equal(await waiting, undefined);
  assert.equal(level.taken, 9);
  level.release(giant);
  const giveBack = level.hold(4);
  const next = ask("a");
  const held = level.acquire(next);
  assert.equal(level.waiting, 1);
  giveBack();
  assert.equal(await held, undefined);
});

test("PriorityLevel: whoever goes while it waits takes no seats", async () => {
  const level = levelOf(1, { queues: 1, handSize: 1, queueLengthLimit: 5 });
  const first = ask("a");
  assert.equal(level.acquire(first), undefined);
  let leave = (): void => {};
  const gone: SeatRequest["gone"] = (callback) => {
    leave = callback;
    return () => {};
  };
  const outcome = level.acquire({ ...ask("a"), gone });
  leave();
  leave();
  assert.equal(await outcome, "cancelled");
  assert.equal(level.counts.cancelled, 1);
  level.release(first);
  assert.deepEqual([level.waiting, level.taken, level.queues.length], [0, 0, 0]);
});

test("PriorityLevel: without seats of its own it still borrows, and hears of seats that are given back", async () => {
  const spec = (more: object) => ({ type: "Limited", limited: { ...more } });
  const queuing = { queues: 1, handSize: 1, queueLengthLimit: 5 };
  let borrower: PriorityLevel | undefined;
  const lender = new PriorityLevel("lender", { spareSeats: () => 0, seatsFreed: () => borrower?.dispatch() });
  const lends = spec({ lendablePercent: 100, limitResponse: { type: "Reject" } });
  lender.configure({ metadata: {}, spec: lends } as PriorityLevelConfiguration, 1);
  borrower = new PriorityLevel("borrower", { spareSeats: () => lender.spare - borrower!.borrowed });
  const waits = spec({ limitResponse: { type: "Queue", queuing } });
  borrower.configure({ metadata: {}, spec: waits } as PriorityLevelConfiguration, 0);
  const own = ask("a");
  assert.equal(lender.acquire(own), undefined);
  const borrowed = borrower.acquire(ask("b"));
  assert.equal(borrower.waiting, 1);
  lender.release(own);
  assert.equal(await borrowed, undefined);
  assert.equal(borrower.taken, 1);
});

test("dumpQueues: tells of what runs from a queue, too", async () => {
  const level = levelOf(4, { queues: 1, handSize: 1, queueLengthLimit: 5 }) as PriorityLevel<FlowRequest>;
  const first = ask("a", 4) as SeatRequest<FlowRequest>;
  assert.equal(level.acquire(first), undefined);
  const second = ask("a", 3) as SeatRequest<FlowRequest>;
  const waiting = level.acquire(second);
  level.release(first);
  await waiting;
  const [, row = ""] = dumpQueues([level]).split("\n");
  assert.deepEqual(row.split(/, +/).slice(0, 5), ["l", "0", "0", "1", "3"]);
  level.release(second);
  assert.equal(level.queues.length, 0);
});

test("dealHand: deals different queues, the same for the same flow", () => {
  const hand = dealHand(hashOf("flow"), 128, 6);
  assert.deepEqual(hand, dealHand(hashOf("flow"), 128, 6));
  assert.equal(new Set(hand).size, 6);
  assert.ok(hand.every((queue) => queue >= 0 && queue < 128));
  assert.deepEqual(dealHand(hashOf("x"), 2, 5).sort(), [0, 1]);
});
