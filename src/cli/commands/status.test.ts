import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterPaths, openJournal } from "#turnup";
import { startSession } from "../test-session.ts";
import { writeUpgrade } from "../upgrade/upgrade-state.ts";

test("status: a cluster whose control plane a cloud runs has no supervisor, and is not stopped for that", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "eks", region: "eu-central-1" } });
  const found = JSON.parse((await run("status", "--json")).out);
  assert.equal(found.state, "degraded");
  assert.match(found.problem, /its control plane was never started/);
  assert.equal(found.kubernetes, "as eks chooses");
});

test("status: the version is the cluster's, not this program's", async (t) => {
  const { run, pretendCluster } = startSession(t);
  await pretendCluster("demo", {
    infrastructure: { provider: "nspawn" },
    distribution: { type: "kubeadm" },
    network: { plugin: "flannel" },
    kubernetesVersion: "1.35",
  });
  assert.match((await run("status")).out, /^Cluster demo: \w+, Kubernetes v1\.35\.8\n/);
});

test("status: an upgrade under way, how far it has come, and what is next", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "nspawn" } });
  const paths = clusterPaths(home, "demo");
  await writeUpgrade(paths, {
    from: "1.36.2+slipway.0.1.0",
    target: "1.36.2+slipway.0.2.0",
    started: "2026-01-01T00:00:00Z",
    hops: [{ version: "v", controlPlanes: ["demo-control-plane-1"], workers: [["demo-worker-1"]], replacements: [] }],
    machines: ["demo-control-plane-1", "demo-worker-1"],
    cordoned: [],
    choices: { drain: true },
  });
  const journal = openJournal(paths.upgradeJournal);
  for (const event of ["begun", "done"] as const) journal.append({ time: "", step: "upgrade/v/programs", event });
  journal.append({ time: "", step: "upgrade/v/snapshot", event: "begun" });
  journal.close();
  const { out } = await run("status");
  const line = "Upgrade from 1.36.2+slipway.0.1.0 to 1.36.2+slipway.0.2.0: 1 of 6 steps done; begun: Save the data";
  assert.ok(out.includes(`\n${line}\n`), out);
  assert.equal(JSON.parse((await run("status", "--json")).out).upgrade.steps, 6);
});
