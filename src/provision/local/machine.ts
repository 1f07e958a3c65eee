// A local machine: a network namespace with a cable to the cluster's bridge and a folder as its disk. What runs in it is whatever
// was started in that namespace, or in the machine's cgroup.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Allocation, machineAddress } from "../host/allocation.ts";
import type { Host } from "../host/host.ts";
import { unmountBelow } from "../host/mounts.ts";
import { machineCgroup, machineFolder, machineRunFolder, netnsFolder, netnsName } from "../host/names.ts";
import { allocate, createNamespace, findNamespace, type Place, release, removeNamespace } from "../host/namespace.ts";
import { openPodRoute } from "../host/pod-route.ts";
import { findProcesses, killAll, removeCgroup } from "../host/processes.ts";
import type { Machine, MachineSpec } from "../provider.ts";

interface LocalPlace extends Place {
  readonly podCIDR: string;
}

/** Makes the machine, or mends it: what is not exactly as it should be is taken away first. */
export async function createLocalMachine(host: Host, place: LocalPlace, spec: MachineSpec): Promise<Machine> {
  const found = await findLocalMachine(host, place, spec);
  if (found) return found;
  await mkdir(machineFolder(place.folder, place.cluster, spec.name), { recursive: true });
  const allocation = await allocate(host, place, spec);
  if (spec.role === "control-plane") {
    const via = machineAddress(allocation, allocation.machines[spec.name]!);
    await openPodRoute(host, place.cluster, { podCIDR: place.podCIDR, from: allocation.gateway, via });
  }
  await createNamespace(host, place, spec);
  return describeMachine(place, spec, allocation);
}

/** The machine, if it is complete. */
export async function findLocalMachine(host: Host, place: Place, spec: MachineSpec): Promise<Machine | undefined> {
  const allocation = await findNamespace(host, place, spec);
  return allocation && describeMachine(place, spec, allocation);
}

/** Ends everything that runs in the machine and removes it; with `keepDisk` its folder and its address stay. */
export async function deleteLocalMachine(
  host: Host,
  place: Place,
  spec: MachineSpec,
  keepDisk: boolean,
): Promise<void> {
  const folder = machineFolder(place.folder, place.cluster, spec.name);
  const cgroup = machineCgroup(place.cluster, spec.name);
  const netnsPath = join(netnsFolder, netnsName(place.cluster, spec.name));
  await killAll(host, () => findProcesses(host, { netnsPath, cgroup }));
  const run = machineRunFolder(place.folder, place.cluster, spec.name);
  await unmountBelow(host, run);
  await unmountBelow(host, folder);
  removeCgroup(host, cgroup);
  await removeNamespace(host, place, spec);
  await rm(run, { recursive: true, force: true });
  if (keepDisk) return;
  await rm(folder, { recursive: true, force: true });
  await release(host, place, spec);
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
