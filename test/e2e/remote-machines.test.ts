// A cluster on machines of their own: booted Debian machines (systemd-nspawn), set up over SSH, distribution slipway.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findBusybox } from "../support/containers/oci-image.ts";
import { assertReady, runCluster } from "./support/cluster-run.ts";
import { machinesMissing } from "./support/machines.ts";

test("a cluster on machines of their own, from nothing to nothing", {
  skip: machinesMissing(),
  timeout: 900_000,
}, async (t) => {
  const cluster = await runCluster(t, {
    name: "far",
    infrastructure: { provider: "nspawn" },
    workers: [{ count: 1 }],
  });

  await t.test("up: every node joins; a second up changes nothing", async () => {
    await cluster.up();
    await assertReady(cluster, { "far-control-plane-1": "True", "far-worker-1": "True" });
    assert.deepEqual(await cluster.up(), ["verify/nodes"]);
  });

  await t.test("what became of a machine's setting up can be read", async () => {
    const logs = await cluster.must("logs", "--machine", "far-worker-1", "--name", "far", "--tail", "5");
    assert.match(logs, /Prepare the machine +ok/);
    assert.match(await cluster.must("status", "--name", "far"), /far-worker-1 +\S+ +join-worker +done/);
  });

  await t.test(
    "verify: pods with volumes talk across machines",
    { skip: findBusybox() ? false : "busybox is not installed" },
    () => cluster.must("verify", "--name", "far").then(() => {}),
  );

  await t.test("down: nothing is left", async () => assert.deepEqual(await cluster.down(), []));
});
