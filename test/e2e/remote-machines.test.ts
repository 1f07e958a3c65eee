// A cluster on machines of their own: booted Debian machines (systemd-nspawn), set up over SSH, distribution slipway.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { findBusybox } from "../support/containers/oci-image.ts";
import { machinesMissing } from "./support/machines.ts";
import { belongsTo, findNew, scanMachine } from "./support/scan.ts";
import { createSandbox } from "./support/slipway.ts";

const configuration = `apiVersion: slipway.dev/v1alpha1
kind: Cluster
name: far
infrastructure:
  provider: nspawn
workers:
  - count: 1
`;

test("a cluster on machines of their own, from nothing to nothing", { skip: machinesMissing() }, async (t) => {
  const sandbox = createSandbox(t);
  const { must, slipway, kubectl, home, kubeconfig } = sandbox;
  const folder = dirname(home);
  const file = join(folder, "far.yaml");
  writeFileSync(file, configuration);
  await must("version");
  const options = { folders: [folder], kubeconfig };
  const before = scanMachine(options);
  t.after(() => slipway("down", "--name", "far"));

  await t.test("up: every node joins; a second up changes nothing", async () => {
    await must("up", "--config", file);
    const nodes = await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}");
    assert.deepEqual(nodes.split(" ").toSorted(), ["far-control-plane-1", "far-worker-1"]);
    const lines = (await must("up", "--config", file, "--json")).trim().split("\n");
    const events = lines.map((line) => JSON.parse(line) as { type: string; id: string; changed?: boolean });
    const changed = events.filter((event) => event.type === "step-done" && event.changed).map(({ id }) => id);
    assert.deepEqual(changed, ["verify/nodes"]);
  });

  await t.test("what became of a machine's setting up can be read", async () => {
    const logs = await must("logs", "--machine", "far-worker-1", "--name", "far", "--tail", "5");
    assert.match(logs, /Prepare the machine +ok/);
    assert.match(await must("status", "--name", "far"), /far-worker-1 +\S+ +join-worker +done/);
  });

  await t.test(
    "verify: pods with volumes talk across machines",
    { skip: findBusybox() ? false : "busybox is not installed" },
    () => must("verify", "--name", "far").then(() => {}),
  );

  await t.test("down: nothing is left", async () => {
    await must("down", "--name", "far");
    const found = findNew(before, scanMachine(options), belongsTo("far", folder));
    // kubectl keeps what it has discovered.
    const left = found.filter((line) => !line.startsWith(`file ${folder}/.kube`));
    assert.deepEqual(left, []);
  });
});
