// Which addresses a local cluster has: a free /24 of 10.90.0.0/16, and in it one address per machine, the same for the machine's
// whole life. Kept in <cluster folder>/network.json.

import { dirname, join } from "node:path";
import { type Cidr, formatCidr, localMachinesCIDR, nthAddress, overlaps, parseCidr } from "#config";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import type { Host } from "./host.ts";

export interface Allocation {
  /** The cluster's part of 10.90.0.0/16. */
  readonly subnet: string;
  /** The host's address on the bridge: the machines' gateway. */
  readonly gateway: string;
  /** From a machine's name to its number in the subnet, 2 and up. */
  readonly machines: Readonly<Record<string, number>>;
}

const firstMachine = 2;
const lastMachine = 254;

export function allocationFile(clusterFolder: string): string {
  return join(clusterFolder, "network.json");
}

export function readAllocation(host: Host, clusterFolder: string): Allocation | undefined {
  const text = host.read(allocationFile(clusterFolder));
  return text === undefined ? undefined : (JSON.parse(text) as Allocation);
}

export async function writeAllocation(clusterFolder: string, allocation: Allocation): Promise<void> {
  await writeFileAtomic(allocationFile(clusterFolder), `${JSON.stringify(allocation, null, 2)}\n`);
}

/**
 * A new cluster's addresses, written down: the first /24 that neither a route of this machine nor another cluster uses. When two
 * clusters choose at the same time, whoever sees the other's file beside its own chooses again, elsewhere.
 */
export async function allocateSubnet(host: Host, clusterFolder: string): Promise<Allocation> {
  const routed = await routedRanges(host);
  for (let start = 0; ; start = Math.floor(Math.random() * 256)) {
    const allocation = chooseSubnet([...routed, ...otherClusters(host, clusterFolder)], start);
    await writeAllocation(clusterFolder, allocation);
    const own = parseCidr(allocation.subnet)!;
    if (!otherClusters(host, clusterFolder).some((range) => overlaps(range, own))) return allocation;
  }
}

function chooseSubnet(taken: readonly Cidr[], start: number): Allocation {
  const { base } = parseCidr(localMachinesCIDR)!;
  for (let step = 0; step < 256; step++) {
    const candidate = { base: base + ((start + step) % 256) * 256, prefix: 24 };
    if (taken.some((range) => overlaps(range, candidate))) continue;
    const subnet = formatCidr(candidate);
    return { subnet, gateway: nthAddress(subnet, 1), machines: {} };
  }
  throw new UserError(`Cannot find a free network for the cluster: all of ${localMachinesCIDR} is in use`, {
    hints: ["List clusters with `slipway get-clusters` and take down those you no longer need."],
    exitCode: exitCodes.host,
  });
}

/** The allocation with a number for the machine: the one it has, or the lowest free one. */
export function allocateMachine(allocation: Allocation, machine: string): Allocation {
  if (allocation.machines[machine] !== undefined) return allocation;
  const used = new Set(Object.values(allocation.machines));
  let index = firstMachine;
  while (used.has(index)) index++;
  if (index > lastMachine) {
    const most = lastMachine - firstMachine + 1;
    throw new UserError(`Cannot give ${machine} an address: a local cluster holds ${most} machines at most`, {
      hints: ["Use simulated nodes for larger clusters: `slipway up --simulated --workers N`."],
      exitCode: exitCodes.config,
    });
  }
  return { ...allocation, machines: { ...allocation.machines, [machine]: index } };
}

export function forgetMachine(allocation: Allocation, machine: string): Allocation {
  const { [machine]: _, ...machines } = allocation.machines;
  return { ...allocation, machines };
}

export function machineAddress(allocation: Allocation, index: number): string {
  return nthAddress(allocation.subnet, index);
}

/** Routes wider than a /16 (a VPN's 10.0.0.0/8) do no harm: the bridge's own route is the more specific one. */
async function routedRanges(host: Host): Promise<Cidr[]> {
  const { stdout } = await host.exec(["ip", "-json", "-4", "route", "show", "table", "all"]);
  const routes = JSON.parse(stdout === "" ? "[]" : stdout) as { dst?: string }[];
  const ranges = routes.map(({ dst = "default" }) => parseCidr(dst.includes("/") ? dst : `${dst}/32`));
  return ranges.filter((range) => range !== undefined).filter(({ prefix }) => prefix >= 16);
}

/** Ranges of clusters that are stopped have no route, so their files are asked as well. */
function otherClusters(host: Host, clusterFolder: string): Cidr[] {
  const all = dirname(clusterFolder);
  return host
    .list(all)
    .map((name) => join(all, name))
    .filter((folder) => folder !== clusterFolder)
    .map((folder) => readAllocation(host, folder))
    .flatMap((allocation) => (allocation ? [parseCidr(allocation.subnet)!] : []));
}
