import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { givenMark } from "../remote/remote-means.ts";
import { startSession } from "../test-session.ts";

const head = "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nname: demo\n";
const machine = { name: "m1", role: "control-plane", address: "192.0.2.1", access: { kind: "local" } };

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

const self = `${head}infrastructure: { provider: nspawn }
distribution: { type: kubeadm }
controlPlane: { endpoint: "api.example:6443" }
workers: [{ count: 1 }]
`;

test("bootstrap --write: each machine three ways, for its owner's eyes only, and again the same", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "c.yaml"), self);
  const { code, err } = await run("bootstrap", "--write", "out", "--config", "c.yaml");
  assert.equal(code, 0, err);
  assert.match(err, /the machines lie in .*out, with the cluster's keys/);
  const read = (path: string) => readFileSync(join(folder, "out", path), "utf8");
  for (const machine of ["demo-control-plane-1", "demo-worker-1"]) {
    for (const file of ["cloud-init.yaml", "ignition.json", "bootstrap.sh"])
      assert.equal(statSync(join(folder, "out", machine, file)).mode & 0o777, 0o600);
  }
  assert.equal(statSync(join(folder, "out")).mode & 0o777, 0o700);
  assert.match(read("demo-control-plane-1/bootstrap.sh"), /kubeadm init/);
  assert.match(read("demo-worker-1/cloud-init.yaml"), /^#cloud-config\n[\s\S]*api\.example:6443/);
  assert.equal(JSON.parse(read("demo-worker-1/ignition.json")).ignition.version, "3.3.0");
  assert.match(read("README.md"), /demo-control-plane-1 \| starts the cluster[\s\S]*https:\/\/api\.example:6443/);
  const before = read("demo-worker-1/bootstrap.sh");
  assert.equal((await run("bootstrap", "--write", "out", "--config", "c.yaml", "--workers", "0")).code, 0);
  assert.equal(existsSync(join(folder, "out/demo-worker-1")), false);
  assert.equal((await run("bootstrap", "--write", "out", "--config", "c.yaml")).code, 0);
  assert.equal(read("demo-worker-1/bootstrap.sh"), before);
});

test("bootstrap --write: machines whose addresses are known already are given with them", async (t) => {
  const { run, folder } = startSession(t);
  const config = self.replace("count: 1", "count: 0").replace('controlPlane: { endpoint: "api.example:6443" }\n', "");
  writeFileSync(join(folder, "c.yaml"), config);
  const given = { ...machine, name: "m1", pool: "", access: { kind: "none" } };
  writeFileSync(join(folder, "machines.json"), JSON.stringify([given]));
  const { code, err } = await run("bootstrap", "--write", "out", "--config", "c.yaml", "--machines", "machines.json");
  assert.equal(code, 0, err);
  assert.match(readFileSync(join(folder, "out/README.md"), "utf8"), /https:\/\/192\.0\.2\.1:6443/);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, "out/machines.json"), "utf8")), [given]);
});

test("bootstrap --write: a folder that holds anything else stays as it is", async (t) => {
  const { run, folder, home } = startSession(t);
  writeFileSync(join(folder, "c.yaml"), self);
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/mine"), "");
  const { code, err } = await run("bootstrap", "--write", "out", "--config", "c.yaml");
  assert.equal(code, exitCodes.conflict);
  assert.match(err, /Cannot write into .*out: it is not empty, and not written by slipway bootstrap --write/);
  assert.deepEqual(readdirSync(join(folder, "out")), ["mine"]);
  assert.equal(existsSync(home), false);
});

test("bootstrap --write: what is not known is asked for", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "c.yaml"), `${head}infrastructure: { provider: nspawn }\n`);
  const { code, err } = await run("bootstrap", "--write", "out", "--config", "c.yaml");
  assert.equal(code, exitCodes.config);
  assert.match(err, /Cannot choose where the API is reached/);
  assert.equal(existsSync(join(folder, "out")), false);
});

test("bootstrap --artifacts: what machines fetch, each under its name", async (t) => {
  const { run, folder } = startSession(t);
  writeFileSync(join(folder, "c.yaml"), `${head}infrastructure: { provider: local, simulated: true }\n`);
  const { code, err } = await run("bootstrap", "--artifacts", "out", "--config", "c.yaml");
  assert.equal(code, exitCodes.config);
  assert.match(err, /Cannot write what machines of demo fetch: they fetch nothing/);
  assert.equal(existsSync(join(folder, "out")), false);
});
