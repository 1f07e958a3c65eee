import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { Backoff, formatSeconds, restartBackoff } from "./backoff.ts";

test("Backoff: doubles from 10 s to 5 min, from the last failure on", async () => {
  const clock = new FakeClock();
  const backoff = new Backoff(restartBackoff, clock);
  assert.equal(backoff.remaining("x"), 0);
  const waits: number[] = [];
  for (let failure = 0; failure < 7; failure++) {
    backoff.next("x");
    waits.push(backoff.remaining("x") / 1000);
    await clock.advance(backoff.remaining("x"));
  }
  assert.deepEqual(waits, [10, 20, 40, 80, 160, 300, 300]);
  assert.equal(backoff.remaining("other"), 0);
});

test("Backoff: what went well for ten minutes starts over", async () => {
  const clock = new FakeClock();
  const backoff = new Backoff(restartBackoff, clock);
  for (let failure = 0; failure < 5; failure++) backoff.next("x");
  await clock.advance(601_000);
  const endedAt = clock.now();
  assert.equal(backoff.remaining("x", endedAt), 0);
  backoff.next("x", endedAt);
  assert.equal(backoff.delayOf("x"), 10_000);
  await clock.advance(601_000);
  backoff.sweep();
  assert.equal(backoff.delayOf("x"), 0);
});

test("formatSeconds: as Go writes durations", () => {
  assert.deepEqual([10_000, 160_000, 300_000].map(formatSeconds), ["10s", "2m40s", "5m0s"]);
});
