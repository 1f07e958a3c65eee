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

test("logs, status: a machine that nobody gets onto set itself up; where it tells what it did is told", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  const { folder } = clusterPaths(home, "demo");
  const machine = { name: "demo-worker-1", role: "worker", address: "192.0.2.1", access: { kind: "none" } };
  writeFileSync(join(folder, "machines.json"), JSON.stringify([{ ...machine, duty: "join-worker" }]));
  const { err, out } = await run("logs", "--machine", "demo-worker-1");
  assert.equal(out, "");
  assert.match(
    err,
    /nobody gets onto demo-worker-1: what it did stands there, in \/var\/lib\/slipway\/bootstrap\/report\.json/,
  );
  assert.match((await run("status")).out, /demo-worker-1 +192\.0\.2\.1 +join-worker +by itself/);
});
