import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes, takeLock } from "#shared";
import { clusterPaths } from "#turnup";
import { startSession } from "../test-session.ts";

test("up: a broken configuration is refused with every problem and its line, before anything is made", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "slipway.yaml"), "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nnme: x\nworkers: 3\n");
  const { code, err } = await run("up", "--config", "slipway.yaml");
  assert.equal(code, exitCodes.config);
  assert.equal(
    err,
    'slipway: Cannot use slipway.yaml: 2 problems\n  slipway.yaml:3: nme: unknown field, did you mean "name"?\n  slipway.yaml:4: workers: must be a list, not 3\n',
  );
  assert.deepEqual(readdirSync(folder), ["slipway.yaml"]);
});

test("up: flags and files that are wrong", async (t) => {
  const { run } = startSession(t);
  const name = await run("up", "--name", "My_Cluster");
  assert.equal(name.code, exitCodes.config);
  assert.match(name.err, /name: must consist of lower case letters/);
  const workers = await run("up", "--workers", "many");
  assert.equal(workers.code, exitCodes.usage);
  assert.match(workers.err, /Cannot use --workers many: it must be a whole number/);
  const file = await run("up", "--config", "nowhere.yaml");
  assert.equal(file.code, exitCodes.notFound);
  assert.match(file.err, /Cannot read nowhere\.yaml: there is no such file/);
});

test("up: an add-on that is none", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "c.yaml"), "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\naddons: [{ name: dsn }]\n");
  const { code, err } = await run("plan", "--simulated", "--config", "c.yaml");
  assert.equal(code, exitCodes.config);
  assert.match(err, /addons\[0\]\.name: "dsn" is no add-on, did you mean "dns"\?/);
});

test("up: a controller that is none; upstream's names and aliases are known", async (t) => {
  const { run } = startSession(t);
  const { code, err } = await run("plan", "--simulated", "--controllers", "namespace,deploymnet-controller");
  assert.equal(code, exitCodes.config);
  assert.match(err, /"deploymnet-controller" is no controller, did you mean "deployment-controller"\?/);
  assert.equal(
    (await run("plan", "--simulated", "--controllers", "namespace,-job,root-ca-certificate-publisher-controller")).code,
    0,
  );
  assert.equal((await run("plan", "--simulated", "--controllers", "none", "--no-scheduler")).code, 0);
});

test("up: a port that somebody has", async (t) => {
  const { run, folder } = startSession(t);
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  writeFileSync(
    join(folder, "c.yaml"),
    `apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nnetwork: { apiServerPort: ${port} }\n`,
  );
  const { code, err } = await run("up", "--simulated", "--config", "c.yaml");
  assert.equal(code, exitCodes.conflict);
  assert.match(err, new RegExp(`port ${port} is taken\n  See who has it with`));
});

test("up: what a cluster is built on cannot change under it", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(
    join(folder, "c.yaml"),
    "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nname: demo\nnetwork: { podCIDR: 10.1.0.0/16 }\n",
  );
  const { code, err } = await run("up", "--simulated", "--config", "c.yaml");
  assert.equal(code, exitCodes.config);
  assert.match(
    err,
    /network\.podCIDR: cannot change in an existing cluster, from "100\.64\.0\.0\/10" to "10\.1\.0\.0\/16"/,
  );
});

test("up: another slipway at work on the same cluster", async (t) => {
  const { run, home } = startSession(t);
  mkdirSync(join(home, "clusters"), { recursive: true });
  t.after(takeLock(clusterPaths(home, "demo").lock, "down"));
  const { code, err } = await run("up", "--simulated", "--name", "demo");
  assert.equal(code, exitCodes.conflict);
  assert.match(err, new RegExp(`Cannot work on cluster demo: slipway down \\(pid ${process.pid}\\) is at it already`));
});

test("up: at a terminal asks before machines are taken away, and leaves everything as it is if told so", async (t) => {
  const { type, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  const paths = clusterPaths(home, "demo");
  writeFileSync(paths.simulatedNodes, '["demo-worker-1","demo-worker-2"]');
  const before = readdirSync(paths.folder);
  const { code, err } = await type(["return"], "up", "--name", "demo", "--workers", "1");
  assert.equal(code, exitCodes.failed);
  assert.match(err, /^demo-worker-2 +remove +is no longer wanted$/m);
  assert.match(err, /This takes demo-worker-2 away, with all that runs there\. Go on\?/);
  assert.match(err, /Nothing was changed\.\n$/);
  assert.deepEqual(readdirSync(paths.folder), before);
});
