// Inputs of a machine's bootstrap for tests: a cluster with everything in it, the same authorities in every run.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BootstrapInput, BootstrapMachine, ClusterAuthorities, MachineDuty } from "#bootstrap";
import { resolveConfig } from "#config";

export type SampleConfig = Parameters<typeof resolveConfig>[0];

const fixtures = join(import.meta.dirname, "../../fixtures/bootstrap");

/** Made once, for tests alone; kept so that golden files stay the same. */
export function sampleAuthorities(): ClusterAuthorities {
  const read = (name: string) => readFileSync(join(fixtures, "pki", name), "utf8");
  const pair = (name: string) => ({ certificate: read(`${name}.crt`), key: read(`${name}.key`) });
  return {
    kubernetes: pair("ca"),
    frontProxy: pair("front-proxy-ca"),
    etcd: pair("etcd-ca"),
    serviceAccounts: { key: read("sa.key"), publicKey: read("sa.pub") },
  };
}

export const sampleMachines: Readonly<Record<MachineDuty, BootstrapMachine>> = {
  init: { name: "demo-control-plane-1", role: "control-plane", pool: "", address: "10.0.0.1" },
  "join-control-plane": { name: "demo-control-plane-2", role: "control-plane", pool: "", address: "10.0.0.2" },
  "join-worker": { name: "demo-batch-1", role: "worker", pool: "batch", address: "10.0.0.9" },
};

export const duties = Object.keys(sampleMachines) as MachineDuty[];

export function sampleInput(config: SampleConfig, duty: MachineDuty): BootstrapInput {
  return {
    config: resolveConfig({
      name: "demo",
      infrastructure: { provider: "aws", region: "eu-central-1" },
      controlPlane: { replicas: 3 },
      workers: [{ name: "batch", count: 2, labels: { tier: "batch" }, capacity: { pods: 50 } }],
      ...config,
    }),
    machine: sampleMachines[duty],
    duty,
    endpoint: { host: "10.0.0.100", port: 6443 },
    controlPlanes: [sampleMachines.init, sampleMachines["join-control-plane"]],
    authorities: sampleAuthorities(),
    token: "abcdef.0123456789abcdef",
    platform: "linux-amd64",
  };
}
