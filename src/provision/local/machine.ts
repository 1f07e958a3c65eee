// A local machine: a network namespace with a cable to the cluster's bridge and a folder as its disk. What runs in it is whatever
// was started in that namespace, or in the machine's cgroup.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Machine, MachineSpec } from "../provider.ts";
import {
  type Allocation,
  allocateMachine,
  forgetMachine,
  machineAddress,
  readAllocation,
  writeAllocation,
} from "./allocation.ts";
import type { Host } from "./host.ts";
import { isNetnsMounted, unmountBelow } from "./mounts.ts";
import {
  bridgeName,
  cableName,
  machineCgroup,
  machineFolder,
  machineRunFolder,
  netnsFolder,
  netnsName,
} from "./names.ts";
import { linkExists } from "./network.ts";
import { openPodRoute } from "./pod-route.ts";
import { findProcesses, killAll, removeCgroup } from "./processes.ts";

interface Place {
  readonly cluster: string;
  /** The cluster's folder. */
  readonly folder: string;
  readonly podCIDR: string;
}

/** Makes the machine, or mends it: what is not exactly as it should be is taken away first. */
export async function createLocalMachine(host: Host, place: Place, spec: MachineSpec): Promise<Machine> {
  const found = await findLocalMachine(host, place, spec);
  if (found) return found;
  const allocation = await allocate(host, place, spec);
  const index = allocation.machines[spec.name]!;
  await removeNetns(host, place.cluster, spec.name, index);
  await mkdir(machineFolder(place.folder, place.cluster, spec.name), { recursive: true });

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
  if (spec.role === "control-plane") {
    const via = machineAddress(allocation, index);
    await openPodRoute(host, place.cluster, { podCIDR: place.podCIDR, from: allocation.gateway, via });
  }
  // The default route comes last: findLocalMachine takes it as the sign that all is done.
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
  return describeMachine(place, spec, allocation);
}

/** The machine, if it is complete. */
export async function findLocalMachine(host: Host, place: Place, spec: MachineSpec): Promise<Machine | undefined> {
  const allocation = readAllocation(host, place.folder);
  const index = allocation?.machines[spec.name];
  const netns = netnsName(place.cluster, spec.name);
  if (!allocation || index === undefined || !linkExists(host, cableName(place.cluster, index))) return undefined;
  if (!isNetnsMounted(host, join(netnsFolder, netns))) return undefined;
  const { stdout } = await host.exec(["ip", "-n", netns, "-4", "route", "show", "default"], { okCodes: [0, 1, 255] });
  if (!stdout.includes(`via ${allocation.gateway} `)) return undefined;
  return describeMachine(place, spec, allocation);
}

/** Ends everything that runs in the machine and removes it; with `keepDisk` its folder and its address stay. */
export async function deleteLocalMachine(
  host: Host,
  place: Place,
  spec: MachineSpec,
  keepDisk: boolean,
): Promise<void> {
  const folder = machineFolder(place.folder, place.cluster, spec.name);
  const allocation = readAllocation(host, place.folder);
  const cgroup = machineCgroup(place.cluster, spec.name);
  const netnsPath = join(netnsFolder, netnsName(place.cluster, spec.name));
  await killAll(host, () => findProcesses(host, { netnsPath, cgroup }));
  const run = machineRunFolder(place.folder, place.cluster, spec.name);
  await unmountBelow(host, run);
  await unmountBelow(host, folder);
  removeCgroup(host, cgroup);
  await removeNetns(host, place.cluster, spec.name, allocation?.machines[spec.name]);
  await rm(run, { recursive: true, force: true });
  if (keepDisk) return;
  await rm(folder, { recursive: true, force: true });
  if (allocation) await writeAllocation(place.folder, forgetMachine(allocation, spec.name));
}

/** Machines are made side by side, in one process: their numbers are given out one after another. */
const allocating = new Map<string, Promise<unknown>>();

function allocate(host: Host, { folder }: Place, spec: MachineSpec): Promise<Allocation> {
  const turn = (allocating.get(folder) ?? Promise.resolve()).then(async () => {
    const before = readAllocation(host, folder);
    if (!before) throw new Error(`Cannot create machine ${spec.name}: the cluster has no network yet`);
    const after = allocateMachine(before, spec.name);
    if (after !== before) await writeAllocation(folder, after);
    return after;
  });
  allocating.set(
    folder,
    turn.catch(() => {}),
  );
  return turn;
}

async function removeNetns(host: Host, cluster: string, machine: string, index: number | undefined): Promise<void> {
  const cable = index === undefined ? undefined : cableName(cluster, index);
  if (cable && linkExists(host, cable)) await host.exec(["ip", "link", "del", cable]);
  const path = join(netnsFolder, netnsName(cluster, machine));
  if (isNetnsMounted(host, path)) await host.exec(["umount", path]);
  // A crash of "ip netns add" leaves the file without the mount, which "ip netns del" would refuse.
  host.remove(path);
}

function describeMachine(place: Place, spec: MachineSpec, allocation: Allocation): Machine {
  const index = allocation.machines[spec.name]!;
  return {
    name: spec.name,
    role: spec.role,
    pool: spec.pool,
    address: machineAddress(allocation, index),
    access: { kind: "local" },
    handle: {
      netns: join(netnsFolder, netnsName(place.cluster, spec.name)),
      folder: machineFolder(place.folder, place.cluster, spec.name),
      run: machineRunFolder(place.folder, place.cluster, spec.name),
      cgroup: `/${machineCgroup(place.cluster, spec.name)}`,
      gateway: allocation.gateway,
    },
  };
}

async function runBatch(host: Host, program: readonly string[], commands: readonly string[]): Promise<void> {
  await host.exec([...program, "-batch", "-"], { input: `${commands.join("\n")}\n` });
}
