// A cluster on hosts that are there already (ssh): turned up, checked, scaled and taken off again; the hosts stay as they were.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bootHosts } from "./support/booted-hosts.ts";
import { assertReady, runCluster } from "./support/cluster-run.ts";
import { machinesMissing } from "./support/machines.ts";

/** What a cluster puts on a host, by its traces: units, programs, settings, state, devices. */
const traces = [
  "ls /etc/systemd/system | grep -E 'slipway|kubelet|etcd|keepalived' || true",
  "ls -d /etc/slipway /etc/kubernetes /var/lib/slipway /var/lib/kubelet /opt/cni /etc/cni 2>/dev/null || true",
  "ls /sys/class/net",
  "nft list tables 2>/dev/null | grep -v 'table ip filter' || true",
].join("; ");

test("a cluster on three hosts, from nothing to nothing", { skip: machinesMissing(), timeout: 900_000 }, async (t) => {
  const hosts = await bootHosts(t, "bare", 3);
  const readTraces = () => hosts.onEach(async (host) => (await host.exec(["sh", "-c", traces])).stdout);
  const before = await readTraces();
  const [first, ...others] = hosts.addresses as [string, ...string[]];
  const cluster = await runCluster(t, {
    name: "metal",
    infrastructure: {
      provider: "ssh",
      user: "root",
      identityFile: hosts.identityFile,
      hosts: [{ address: first, role: "control-plane" }, ...others.map((address) => ({ address }))],
    },
    workers: [{ count: 2 }],
  });

  await t.test("up: every host is a node; a second up changes nothing", async () => {
    await cluster.up();
    await assertReady(cluster, { "metal-control-plane-1": "True", "metal-worker-1": "True", "metal-worker-2": "True" });
    assert.deepEqual(await cluster.up(), ["verify/nodes"]);
  });

  await t.test("verify: pods with volumes talk across hosts", () =>
    cluster.must("verify", "--name", "metal").then(() => {}),
  );

  await t.test("scale: a host is let go without a trace, and comes back", async () => {
    await cluster.must("scale", "worker=1", "--name", "metal");
    assert.deepEqual(await cluster.nodes(), ["metal-control-plane-1", "metal-worker-1"]);
    assert.equal((await readTraces())[2], before[2]);
    await cluster.must("scale", "worker=2", "--name", "metal");
    await assertReady(cluster, { "metal-control-plane-1": "True", "metal-worker-1": "True", "metal-worker-2": "True" });
  });

  await t.test("down: nothing is left, here or on the hosts", async () => {
    assert.deepEqual(await cluster.down(), []);
    assert.deepEqual(await readTraces(), before);
  });
});
