import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { type ClusterPaths, clusterPaths, openJournal } from "#turnup";
import { nodeVersion } from "../node-version.ts";
import { startSession } from "../test-session.ts";
import { type UpgradeState, writeUpgrade } from "../upgrade/upgrade-state.ts";

const own = nodeVersion.replace(/^v/, "");
const hop = { version: own, controlPlanes: ["demo-control-plane-1"], workers: [], replacements: [] };
const underWay: UpgradeState = {
  from: "1.36.2",
  target: own,
  started: "",
  hops: [hop],
  machines: ["demo-control-plane-1"],
  cordoned: [],
  choices: { drain: true },
};

function begin({ upgradeJournal }: ClusterPaths, ...steps: string[]): void {
  const journal = openJournal(upgradeJournal);
  for (const step of steps) journal.append({ time: "", step: `upgrade/${own}/${step}`, event: "begun" });
  journal.close();
}

test("upgrade: clusters that it cannot upgrade are refused, and said what else to do", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("cloud", {
    infrastructure: { provider: "gke", project: "demo-123456", region: "europe-west4" },
  });
  await pretendCluster("pretended");
  const managed = await run("upgrade", "--name", "cloud");
  assert.equal(managed.code, exitCodes.config);
  assert.match(
    managed.err,
    /Cannot upgrade cluster cloud: its control plane is one that gke runs and upgrades\n {2}Upgr/,
  );
  const simulated = await run("upgrade", "--name", "pretended");
  assert.match(simulated.err, /Cannot upgrade cluster pretended: its nodes are simulated\n {2}`slipway stop`/);
});

test("upgrade: machines that nobody gets onto are not upgraded where they are", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  const machine = { name: "demo-worker-1", role: "worker", address: "192.0.2.1", access: { kind: "none" } };
  writeFileSync(join(clusterPaths(home, "demo").folder, "machines.json"), JSON.stringify([machine]));
  const { code, err } = await run("upgrade");
  assert.equal(code, exitCodes.config);
  assert.match(
    err,
    /Cannot upgrade cluster demo: nobody gets onto demo-worker-1\n {2}New machines may take .* --replace\n/,
  );
  assert.doesNotMatch((await run("upgrade", "--replace")).err, /nobody gets onto/);
});

test("upgrade --resume: begins none", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  const { code, err } = await run("upgrade", "--resume");
  assert.equal(code, exitCodes.notFound);
  assert.match(err, /Cannot go on: no upgrade of cluster demo is under way/);
});

test("upgrade --plan: of one under way, as it was planned; another version, other batches or another slipway are refused", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  const paths = clusterPaths(home, "demo");
  await writeUpgrade(paths, underWay);
  begin(paths, "snapshot");
  const shown = await run("upgrade", "--plan");
  assert.equal(shown.code, exitCodes.ok, shown.err);
  assert.match(shown.out, /Save the data +interrupted\n.*Upgrade demo-control-plane-1 +to do\n/);
  assert.equal((await run("upgrade", "1.36", "--plan")).code, exitCodes.ok);
  assert.match((await run("upgrade", "1.3", "--plan")).err, /Cannot upgrade to 1\.3: an upgrade to 1\.36\.2\+slipway/);
  assert.match((await run("upgrade", "--max-unavailable", "2")).err, /Cannot use --max-unavailable now/);
  assert.match(
    (await run("upgrade", "--pause-after", "w9")).err,
    /Pause after one of: demo-control-plane-1, control-planes/,
  );
  await writeUpgrade(paths, { ...underWay, target: "1.36.2+slipway.9.9.9" });
  const other = await run("upgrade", "--resume");
  assert.equal(other.code, exitCodes.conflict);
  assert.match(other.err, /under way\n {2}Go on with that, with the slipway that began it/);
});

test("upgrade --undo: gives up what has changed no machine, and nothing else", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  const paths = clusterPaths(home, "demo");
  assert.match((await run("upgrade", "--undo")).err, /nothing to do/);
  await writeUpgrade(paths, underWay);
  begin(paths, "snapshot");
  assert.equal((await run("upgrade", "--undo")).code, exitCodes.ok);
  assert.deepEqual([existsSync(paths.upgrade), existsSync(paths.upgradeJournal)], [false, false]);
  await writeUpgrade(paths, underWay);
  begin(paths, "snapshot", "demo-control-plane-1");
  const { code, err } = await run("upgrade", "--undo");
  assert.equal(code, exitCodes.conflict);
  assert.match(err, /machines were begun\n {2}Begun: Upgrade demo-control-plane-1\./);
  assert.ok(existsSync(paths.upgrade));
});
