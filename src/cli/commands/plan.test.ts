import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { startSession } from "../test-session.ts";

test("plan: shows each step with what would be done, and does nothing", async (t) => {
  const { run, folder } = startSession(t);
  const { code, out } = await run("plan", "--simulated", "--workers", "3", "--json");
  assert.equal(code, exitCodes.ok);
  const plan = JSON.parse(out) as { steps: { id: string; action: string }[] };
  assert.deepEqual(
    plan.steps.map(({ id }) => id),
    [
      "bootstrap/certificates",
      "bootstrap/supervisor",
      "bootstrap/control-plane",
      "bootstrap/simulated-nodes",
      "bootstrap/kubeconfig",
      "addons/cluster-info",
      "addons/dns",
      "addons/storage",
      "verify/nodes",
    ],
  );
  assert.deepEqual([...new Set(plan.steps.slice(0, -1).map(({ action }) => action))], ["create"]);
  assert.equal(plan.steps.at(-1)!.action, "nothing");
  assert.deepEqual(readdirSync(folder), []);
});

test("plan: machines, add-ons and the rest, what becomes of each and why; fields that changed; exit codes", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(clusterPaths(home, "demo").simulatedNodes, '["demo-worker-1","demo-worker-2"]');
  const { code, out } = await run("plan", "--name", "demo", "--workers", "1", "--exit-code");
  assert.equal(code, 2);
  assert.match(out, /^MACHINE +ACTION +WHY$/m);
  assert.match(out, /^demo-worker-1 +nothing +is as wanted$/m);
  assert.match(out, /^demo-worker-2 +remove +is no longer wanted$/m);
  assert.match(out, /^dns +create +the API server is not up yet$/m);
  assert.match(out, /^workers\[0\]\.count +2 +1 +in place$/m);
  assert.match(out, /^Cluster demo: \d+ to create, .*1 to remove, 1 as wanted\.$/m);
  assert.equal((await run("plan", "--name", "demo")).code, exitCodes.ok);
});

test("plan: fields that cannot change are named, and nothing else is looked at", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  await pretendCluster("demo");
  writeFileSync(
    join(folder, "c.yaml"),
    "apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nname: demo\nnetwork: { podCIDR: 10.1.0.0/16, dnsDomain: x.y }\n",
  );
  const { code, out, err } = await run("plan", "--simulated", "--config", "c.yaml", "--exit-code");
  assert.equal(code, exitCodes.config);
  assert.equal(out, "");
  assert.match(err, /network\.podCIDR: cannot change/);
  assert.match(err, /network\.dnsDomain: cannot change in an existing cluster, from "cluster\.local" to "x\.y"/);
});

test("plan: thousands of nodes are one line", async (t) => {
  const { out } = await startSession(t).run("plan", "--simulated", "--workers", "5000");
  assert.match(out, /^dev-worker-1 … dev-worker-5000 \(5000\) +create +is not there$/m);
});
