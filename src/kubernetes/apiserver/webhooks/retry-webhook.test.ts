import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { askAgain } from "./retry-webhook.ts";
import { isTransientStatus, WebhookError } from "./webhook-error.ts";

function failing(times: number, error: Error): { ask: () => Promise<string>; count: () => number } {
  let count = 0;
  const ask = async () => {
    count++;
    if (count <= times) throw error;
    return "yes";
  };
  return { ask, count: () => count };
}

test("askAgain: what may pass is waited out, longer each time", async () => {
  const clock = new FakeClock();
  const { ask, count } = failing(4, new WebhookError("busy", true));
  const answer = askAgain(ask, clock);
  await clock.advance(499);
  assert.equal(count(), 1);
  await clock.advance(101);
  assert.equal(count(), 2, "after 0.5 to 0.6 s");
  await clock.advance(901);
  assert.equal(count(), 3, "after 0.75 to 0.9 s more");
  await clock.advance(5_000);
  assert.equal(await answer, "yes");
  assert.equal(count(), 5);
});

test("askAgain: five times at most, and once where it will not pass", async () => {
  const clock = new FakeClock();
  const busy = failing(9, new WebhookError("busy", true));
  const outcome = assert.rejects(askAgain(busy.ask, clock), /busy/);
  await clock.advance(10_000);
  await outcome;
  assert.equal(busy.count(), 5);
  for (const error of [new WebhookError("no", false), new Error("no")]) {
    const refused = failing(9, error);
    await assert.rejects(askAgain(refused.ask, clock), /no/);
    assert.equal(refused.count(), 1);
  }
});

test("isTransientStatus: as upstream", () => {
  for (const status of [500, 504, 429]) assert.ok(isTransientStatus(status, undefined), String(status));
  for (const status of [400, 401, 403, 404, 502, 503]) assert.ok(!isTransientStatus(status, undefined), String(status));
  assert.ok(isTransientStatus(503, "1"));
  assert.ok(!isTransientStatus(404, "1"));
});
