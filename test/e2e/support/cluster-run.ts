// What tests of clusters elsewhere do alike: say what is wanted, turn it up, look at the nodes, prove that nothing is left.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import type { ClusterConfigInput } from "#config";
import { belongsTo, findNew, scanMachine } from "./scan.ts";
import { createSandbox, type Sandbox } from "./slipway.ts";

export interface ClusterRun extends Sandbox {
  /** Its configuration file. */
  readonly file: string;
  /** `slipway up`; answers the steps that changed something. */
  up(): Promise<string[]>;
  nodes(): Promise<string[]>;
  /** `slipway down`, and what it left behind on this machine. */
  down(): Promise<string[]>;
}

export type RunConfig = Omit<ClusterConfigInput, "apiVersion" | "kind"> & { readonly name: string };

/** Has the command built, writes the configuration and remembers what this machine is like. */
export async function runCluster(t: TestContext, config: RunConfig): Promise<ClusterRun> {
  const sandbox = createSandbox(t);
  const { must, kubectl, home, kubeconfig } = sandbox;
  const { name } = config;
  const folder = dirname(home);
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ apiVersion: "slipway.dev/v1alpha1", kind: "Cluster", ...config }, null, 2));
  await must("version");
  const options = { folders: [folder], kubeconfig };
  const before = scanMachine(options);
  return {
    ...sandbox,
    file,
    async up() {
      const lines = (await must("up", "--config", file, "--json", "--yes")).trim().split("\n");
      const events = lines.map((line) => JSON.parse(line) as { type: string; id: string; changed?: boolean });
      return events.filter((event) => event.type === "step-done" && event.changed).map(({ id }) => id);
    },
    async nodes() {
      const names = await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}");
      return names.split(" ").toSorted();
    },
    async down() {
      await must("down", "--name", name);
      const found = findNew(before, scanMachine(options), belongsTo(name, folder));
      // kubectl keeps what it has discovered.
      return found.filter((line) => !line.startsWith(`file ${folder}/.kube`));
    },
  };
}

/** Asserts that every node named is Ready, or the given status. */
export async function assertReady({ kubectl }: Sandbox, expected: Readonly<Record<string, "True" | "Unknown">>) {
  const path = '{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
  const lines = (await kubectl("get", "nodes", "-o", `jsonpath=${path}`)).trim().split("\n");
  assert.deepEqual(Object.fromEntries(lines.map((line) => line.split("="))), expected);
}
