import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { startSession } from "../test-session.ts";

const head = "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nname: demo\n";

test("provision --config: begins the cluster of a file, which the other phases then go on with", async (t) => {
  const { run, home, folder } = startSession(t);
  writeFileSync(join(folder, "c.yaml"), `${head}infrastructure: { provider: local, simulated: true }\n`);
  const { code, err } = await run("provision", "--config", "c.yaml");
  assert.equal(code, exitCodes.ok, err);
  assert.match(err, /`slipway bootstrap --name demo` makes nodes of them/);
  assert.equal(JSON.parse(readFileSync(clusterPaths(home, "demo").config, "utf8")).infrastructure.simulated, true);
});

test("provision --config: what an existing cluster is built on cannot change; nothing is left of what is refused", async (t) => {
  const { run, pretendCluster, home, folder } = startSession(t);
  writeFileSync(join(folder, "broken.yaml"), `${head}workers: many\n`);
  assert.equal((await run("provision", "--config", "broken.yaml")).code, exitCodes.config);
  assert.equal(existsSync(home), false);
  await pretendCluster("demo");
  writeFileSync(join(folder, "c.yaml"), `${head}infrastructure: { provider: nspawn }\n`);
  assert.equal((await run("provision", "--config", "c.yaml")).code, exitCodes.config);
});
