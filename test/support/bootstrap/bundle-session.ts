// A person who makes and uses bundles: an installation, hosts that publish what clusters are made of, an apt, and a cluster of machines
// elsewhere with an add-on of the person's own.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { resolveConfig } from "#config";
import { thisInstallation } from "../../../src/cli/context.ts";
import { startSession } from "../../../src/cli/test-session.ts";
import { createFakeApt } from "./fake-apt.ts";
import { startPublishers } from "./publishers.ts";

export const addonUrl = "https://files.test/mine.yaml";
export const addonText = `apiVersion: apps/v1
kind: Deployment
metadata: { name: mine, namespace: default }
spec: { template: { spec: { containers: [{ name: mine, image: "registry.test/team/mine:1" }] } } }
`;

type Options = NonNullable<Parameters<typeof resolveConfig>[0]>;

export function optionsOf(type: "kubeadm" | "k3s", more: Options = {}): Options {
  return {
    name: "demo",
    distribution: { type },
    // Of no version whose programs' digests are pinned.
    kubernetesVersion: "1.36.99",
    network: { plugin: "none" },
    infrastructure: {
      provider: "ssh",
      hosts: [{ address: "192.0.2.1", role: "control-plane" }, { address: "192.0.2.2" }],
    },
    workers: [{ name: "worker", count: 1 }],
    addons: [{ name: "mine", source: { manifests: addonUrl } }],
    ...more,
  };
}

/** A person with an installation, hosts that publish, and an apt. */
export async function startBundleSession(t: TestContext) {
  const publishers = await startPublishers(t, { [addonUrl]: addonText });
  const { exec, calls } = createFakeApt();
  const installed = mkdtempSync(join(tmpdir(), "slipway-installed-"));
  t.after(() => rmSync(installed, { recursive: true }));
  writeFileSync(join(installed, "slipway.cjs"), "the program");
  const programs = { ...thisInstallation, command: () => ["node", join(installed, "bin.cjs")] };
  const session = startSession(t, {}, { fetch: publishers.fetch, exec, programs });
  const configure = (options: object, name = "slipway.yaml") => {
    const head = { apiVersion: "slipway.dev/v1alpha1", kind: "Cluster" };
    writeFileSync(join(session.folder, name), JSON.stringify({ ...head, ...options }));
  };
  return { publishers, calls, session, configure };
}
