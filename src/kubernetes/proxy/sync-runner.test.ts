import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "#shared";
import { createSyncRunner } from "./sync-runner.ts";

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A runner whose runs take as long as the test says. */
function start() {
  const clock = new FakeClock();
  const runs: { end(): void; fail(error: Error): void }[] = [];
  const failures: unknown[] = [];
  const runner = createSyncRunner({
    clock,
    run: () => new Promise((resolve, reject) => runs.push({ end: resolve, fail: reject })),
    onFailure: (error) => failures.push(error),
  });
  return { clock, runs, failures, runner };
}

test("createSyncRunner: runs at once, once for what was asked in one turn", async () => {
  const { runs, runner, clock } = start();
  runner.request();
  runner.request();
  await turn();
  assert.equal(runs.length, 1);
  runs[0]!.end();
  await turn();
  assert.equal(runs.length, 1);
  runner.request();
  await turn();
  assert.equal(runs.length, 2);
  assert.equal(clock.pending, 0);
  runs[1]!.end();
  await runner.stop();
});

test("createSyncRunner: asked for during a run, it rests three times as long before the next", async () => {
  const { runs, runner, clock } = start();
  runner.request();
  await turn();
  runner.request();
  await clock.advance(20);
  runs[0]!.end();
  await clock.advance(59);
  assert.equal(runs.length, 1);
  await clock.advance(1);
  assert.equal(runs.length, 2);
  runs[1]!.end();
  await runner.stop();
});

test("createSyncRunner: tries again after a failure, less and less often", async () => {
  const { runs, runner, clock, failures } = start();
  runner.request();
  await turn();
  runs[0]!.fail(new Error("no"));
  await turn();
  assert.equal(failures.length, 1);
  await clock.advance(200);
  assert.equal(runs.length, 2);
  runs[1]!.fail(new Error("no"));
  await clock.advance(199);
  assert.equal(runs.length, 2);
  await clock.advance(201);
  assert.equal(runs.length, 3);
  runs[2]!.end();
  await turn();
  assert.equal(clock.pending, 0);
  await runner.stop();
});

test("createSyncRunner: stop ends a wait, and nothing runs after it", async () => {
  const { runs, runner } = start();
  runner.request();
  await turn();
  runs[0]!.fail(new Error("no"));
  await turn();
  await runner.stop();
  runner.request();
  await turn();
  assert.equal(runs.length, 1);
});
