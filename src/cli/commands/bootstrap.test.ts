import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { givenMark } from "../remote/remote-means.ts";
import { startSession } from "../test-session.ts";

const head = "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nname: demo\n";
const machine = { name: "m1", role: "control-plane", address: "192.0.2.1", access: { kind: "none" } };

test("bootstrap: machines are not given to a cluster whose machines slipway made", async (t) => {
  const { run, pretendCluster, home, folder } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  writeFileSync(join(folder, "machines.json"), JSON.stringify([machine]));
  writeFileSync(join(folder, "c.yaml"), `${head}infrastructure: { provider: nspawn }\n`);
  const paths = clusterPaths(home, "demo");
  const before = readFileSync(paths.config, "utf8");
  const { code, err } = await run("bootstrap", "--machines", "machines.json", "--config", "c.yaml");
  assert.equal(code, exitCodes.conflict);
  assert.match(err, /Cannot give cluster demo machines: it has some that slipway made\n/);
  assert.equal(readFileSync(paths.config, "utf8"), before);
  assert.equal(existsSync(givenMark(paths)), false);
});

test("bootstrap: what the machines are written down with, before anything is done to them", async (t) => {
  const { run, home, folder } = startSession(t);
  writeFileSync(join(folder, "machines.json"), JSON.stringify([{ ...machine, duty: "init" }]));
  writeFileSync(join(folder, "c.yaml"), `${head}infrastructure: { provider: nspawn }\n`);
  await run("bootstrap", "--machines", "machines.json", "--config", "c.yaml");
  const paths = clusterPaths(home, "demo");
  assert.ok(existsSync(givenMark(paths)));
  assert.equal(JSON.parse(readFileSync(paths.config, "utf8")).infrastructure.provider, "nspawn");
  assert.deepEqual(JSON.parse(readFileSync(join(paths.folder, "machines.json"), "utf8")), [
    { ...machine, pool: "", handle: {} },
  ]);
});

test("bootstrap: flags that would count for nothing", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo");
  for (const flags of [
    ["--config", "c.yaml"],
    ["--workers", "2"],
    ["--simulated"],
    ["--controllers", "none"],
    ["--no-scheduler"],
  ]) {
    const { code, err } = await run("bootstrap", ...flags);
    assert.equal(code, exitCodes.usage);
    assert.match(err, new RegExp(`Cannot use ${flags[0]} without --machines`));
  }
});
