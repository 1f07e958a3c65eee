import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { identifyProcess, isProcessAlive } from "./process-identity.ts";

test("identifyProcess: the same for the same process, undefined when it is gone", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const identity = identifyProcess(child.pid!);
  assert.ok(identity);
  assert.deepEqual(identifyProcess(child.pid!), identity);
  assert.ok(isProcessAlive(identity));
  assert.ok(!isProcessAlive({ pid: child.pid!, startTime: "another" }));
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(identifyProcess(child.pid!), undefined);
  assert.ok(!isProcessAlive(identity));
});
