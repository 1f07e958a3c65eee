import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { startSession } from "../test-session.ts";

test("logs: unknown processes are named, known ones shown", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  const { logs } = clusterPaths(home, "demo");
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, "control-plane.log"), "one\ntwo\nthree\n");
  writeFileSync(join(logs, "supervisor.log"), "four\n");
  assert.equal((await run("logs", "--tail", "1")).out, "control-plane: three\nsupervisor: four\n");
  assert.equal((await run("logs", "control-plane", "--tail", "-1")).out, "one\ntwo\nthree\n");
  const unknown = await run("logs", "control-plan");
  assert.equal(unknown.code, exitCodes.notFound);
  assert.match(unknown.err, /Did you mean control-plane\?/);
});

test("logs: a machine goes neither with processes nor with --follow", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  for (const other of ["--follow", "control-plane"]) {
    const { code, err } = await run("logs", "--machine", "demo-control-plane-1", other);
    assert.equal(code, exitCodes.usage);
    assert.match(err, new RegExp(`Cannot use --machine with ${other}`));
  }
});
