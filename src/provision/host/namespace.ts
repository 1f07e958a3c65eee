// The network of a machine on this host: a namespace with a cable to its cluster's bridge, an address that stays and the default
// route. What runs in it, and on what disk, is the provider's.

import { join } from "node:path";
import { inTurn } from "#shared";
import type { MachineSpec } from "../provider.ts";
import {
  type Allocation,
  allocateMachine,
  forgetMachine,
  machineAddress,
  readAllocation,
  writeAllocation,
} from "./allocation.ts";
import type { Host } from "./host.ts";
import { isNetnsMounted } from "./mounts.ts";
import { bridgeName, cableName, netnsFolder, netnsName } from "./names.ts";
import { linkExists } from "./network.ts";

export interface Place {
  readonly cluster: string;
  /** The cluster's folder. */
  readonly folder: string;
}

/** Makes the namespace anew, whatever there was of it. */
export async function createNamespace(host: Host, place: Place, spec: MachineSpec): Promise<void> {
  const allocation = await allocate(host, place, spec);
  const index = allocation.machines[spec.name]!;
  await removeNamespace(host, place, spec, index);
  const netns = netnsName(place.cluster, spec.name);
  const cable = cableName(place.cluster, index);
  await host.exec(["ip", "netns", "add", netns]);
  await runBatch(
    host,
    ["ip"],
    [
      `link add ${cable} type veth peer name eth0 netns ${netns}`,
      `link set ${cable} master ${bridgeName(place.cluster)} up`,
    ],
  );
  // The default route comes last: hasNamespace takes it as the sign that all is done.
  await runBatch(
    host,
    ["ip", "-n", netns],
    [
      "link set lo up",
      `addr add ${machineAddress(allocation, index)}/24 dev eth0`,
      "link set eth0 up",
      `route add default via ${allocation.gateway}`,
    ],
  );
}

/** The cluster's addresses, where the machine's network is complete. */
export async function findNamespace(host: Host, place: Place, spec: MachineSpec): Promise<Allocation | undefined> {
  const allocation = readAllocation(host, place.folder);
  const index = allocation?.machines[spec.name];
  const netns = netnsName(place.cluster, spec.name);
  if (!allocation || index === undefined || !linkExists(host, cableName(place.cluster, index))) return undefined;
  if (!isNetnsMounted(host, join(netnsFolder, netns))) return undefined;
  const { stdout } = await host.exec(["ip", "-n", netns, "-4", "route", "show", "default"], { okCodes: [0, 1, 255] });
  return stdout.includes(`via ${allocation.gateway} `) ? allocation : undefined;
}

/** Takes it away; the machine's address stays its own. */
export async function removeNamespace(
  host: Host,
  { cluster, folder }: Place,
  { name }: MachineSpec,
  index = readAllocation(host, folder)?.machines[name],
): Promise<void> {
  const cable = index === undefined ? undefined : cableName(cluster, index);
  if (cable && linkExists(host, cable)) await host.exec(["ip", "link", "del", cable]);
  const path = join(netnsFolder, netnsName(cluster, name));
  if (isNetnsMounted(host, path)) await host.exec(["umount", path]);
  // A crash of "ip netns add" leaves the file without the mount, which "ip netns del" would refuse.
  host.remove(path);
}

/** The cluster's addresses, with one for the machine. Machines are made side by side; their numbers are given out in turn. */
export function allocate(host: Host, { folder }: Place, spec: MachineSpec): Promise<Allocation> {
  return inTurn(folder, async () => {
    const before = readAllocation(host, folder);
    if (!before) throw new Error(`Cannot create machine ${spec.name}: the cluster has no network yet`);
    const after = allocateMachine(before, spec.name);
    if (after !== before) await writeAllocation(folder, after);
    return after;
  });
}

/** Gives the machine's address back. */
export function release(host: Host, { folder }: Place, spec: MachineSpec): Promise<void> {
  return inTurn(folder, async () => {
    const allocation = readAllocation(host, folder);
    if (allocation) await writeAllocation(folder, forgetMachine(allocation, spec.name));
  });
}

async function runBatch(host: Host, program: readonly string[], commands: readonly string[]): Promise<void> {
  await host.exec([...program, "-batch", "-"], { input: `${commands.join("\n")}\n` });
}
