// What every provider promises, kept by those whose machines can be had here: namespaces, booted machines, and those booted machines
// again as hosts that are there already.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ClusterConfigInput, resolveConfig } from "#config";
import { chooseProvider, type MachineSpec, type ProviderContext } from "#provision";
import { walkProvider } from "../../src/provision/testing/provider-suite.ts";
import { bootHosts } from "./support/booted-hosts.ts";
import { machinesMissing } from "./support/machines.ts";
import { containersMissing } from "./support/slipway.ts";

/** A cluster of one control plane and one worker. */
function contextOf(
  t: TestContext,
  name: string,
  infrastructure: ClusterConfigInput["infrastructure"],
): ProviderContext {
  const folder = mkdtempSync(join(tmpdir(), "slw-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const machines: MachineSpec[] = [
    { name: `${name}-control-plane-1`, role: "control-plane", pool: "" },
    { name: `${name}-worker-1`, role: "worker", pool: "worker" },
  ];
  const config = resolveConfig({ name, infrastructure, workers: [{ count: 1 }] });
  return { config, folder, machines, signal: t.signal };
}

test("provider local", { skip: containersMissing() }, async (t) => {
  const context = contextOf(t, "walk", { provider: "local" });
  await walkProvider(chooseProvider(context.config), context);
});

test("provider nspawn", { skip: machinesMissing() }, async (t) => {
  const context = contextOf(t, "walkboot", { provider: "nspawn" });
  await walkProvider(chooseProvider(context.config), context);
});

test("provider ssh", { skip: machinesMissing() }, async (t) => {
  const { addresses, identityFile } = await bootHosts(t, "walkhosts", 2);
  const [first, second] = addresses as [string, string];
  const hosts = [{ address: first, role: "control-plane" as const }, { address: second }];
  const context = contextOf(t, "walkssh", { provider: "ssh", user: "root", identityFile, hosts });
  const provider = chooseProvider(context.config);
  assert.equal(provider.machinesStay, true, "what was put on a host must be taken off it again");
  await walkProvider(provider, context);
});
