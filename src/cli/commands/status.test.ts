import assert from "node:assert/strict";
import { test } from "node:test";
import { startSession } from "../test-session.ts";

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
