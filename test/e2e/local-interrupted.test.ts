// `up` killed at random moments: a second one finishes the work, and `down` leaves the machine as it was.

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { belongsTo, findNew, scanMachine } from "./support/scan.ts";
import { containersMissing, createSandbox } from "./support/slipway.ts";

const rounds = 10;

test("up killed at random moments, then up, then down: nothing is left", { skip: containersMissing() }, async (t) => {
  const sandbox = createSandbox(t);
  const options = { folders: [dirname(sandbox.home)], kubeconfig: sandbox.kubeconfig };
  const isOurs = belongsTo("victim", sandbox.home);
  // The first call of all builds the command.
  await sandbox.must("version");
  const before = scanMachine(options);
  for (let round = 0; round < rounds; round++) {
    const moment = Math.round(Math.random() * 1500);
    await sandbox.killAfter(moment, "up", "--name", "victim", "--workers", "1");
    if (round % 2 === 0) await sandbox.must("up", "--name", "victim", "--workers", "1");
    await sandbox.must("down", "--name", "victim");
    assert.deepEqual(findNew(before, scanMachine(options), isOurs), [], `after a kill at ${moment} ms`);
  }
});

test("down killed at random moments, then down: nothing is left", { skip: containersMissing() }, async (t) => {
  const sandbox = createSandbox(t);
  const options = { folders: [dirname(sandbox.home)], kubeconfig: sandbox.kubeconfig };
  const isOurs = belongsTo("victim", sandbox.home);
  await sandbox.must("version");
  const before = scanMachine(options);
  for (let round = 0; round < 4; round++) {
    await sandbox.must("up", "--name", "victim", "--workers", "1");
    const moment = Math.round(Math.random() * 400);
    await sandbox.killAfter(moment, "down", "--name", "victim");
    await sandbox.must("down", "--name", "victim");
    assert.deepEqual(findNew(before, scanMachine(options), isOurs), [], `after a kill at ${moment} ms`);
  }
});
