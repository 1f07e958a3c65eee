// What runs in a machine: processes in its network namespace, and in its cgroup (pods have namespaces of their own).

import { join } from "node:path";
import type { Host } from "./host.ts";

export interface Whereabouts {
  /** A file on which the network namespace is mounted. */
  readonly netnsPath: string;
  /** Below each hierarchy's root, such as "slipway/demo/worker-1". */
  readonly cgroup: string;
}

const cgroupRoot = "/sys/fs/cgroup";

/** The pids, without this process. */
export function findProcesses(host: Host, { netnsPath, cgroup }: Whereabouts): number[] {
  const found = new Set<number>();
  const inode = host.inode(netnsPath);
  if (inode !== undefined) for (const pid of processesInNetns(host, inode)) found.add(pid);
  for (const folder of findCgroups(host, cgroup)) for (const pid of processesInCgroup(host, folder)) found.add(pid);
  found.delete(process.pid);
  return [...found];
}

/** The kernel takes its time on a machine that has more to do than it can. */
const longestKillMs = 60_000;

/** Kills what `find` finds until it finds nothing: a process may have started another one meanwhile. */
export async function killAll(host: Host, find: () => readonly number[]): Promise<void> {
  const deadline = Date.now() + longestKillMs;
  for (let pids = find(); pids.length > 0; pids = find()) {
    if (Date.now() > deadline) throw new Error(`Cannot end processes ${pids.join(", ")}: they live on after SIGKILL`);
    for (const pid of pids) host.kill(pid);
    // The kernel needs a moment to take a killed process apart, and tells nobody but its parent.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The folders of a cgroup in every hierarchy (v1: one per controller; v2: one). */
export function findCgroups(host: Host, cgroup: string): string[] {
  const roots = [cgroupRoot, ...host.list(cgroupRoot).map((name) => join(cgroupRoot, name))];
  return [...new Set(roots.map((root) => join(root, cgroup)))].filter(
    (folder) => host.read(join(folder, "cgroup.procs")) !== undefined,
  );
}

/** Removes the cgroup with those below it, in every hierarchy, and parents that it leaves empty. Nothing may run in them. */
export function removeCgroup(host: Host, cgroup: string): void {
  for (const folder of findCgroups(host, cgroup)) {
    removeTree(host, folder);
    for (let parts = cgroup.split("/").slice(0, -1); parts.length > 0; parts = parts.slice(0, -1)) {
      const root = folder.slice(0, -cgroup.length - 1);
      if (!host.removeEmptyFolder(join(root, ...parts))) break;
    }
  }
}

function removeTree(host: Host, folder: string): void {
  for (const name of host.list(folder)) {
    const child = join(folder, name);
    if (host.read(join(child, "cgroup.procs")) !== undefined) removeTree(host, child);
  }
  host.removeEmptyFolder(folder);
}

function processesInCgroup(host: Host, folder: string): number[] {
  const own = (host.read(join(folder, "cgroup.procs")) ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
  const children = host.list(folder).map((name) => join(folder, name));
  const below = children.filter((child) => host.read(join(child, "cgroup.procs")) !== undefined);
  return [...own, ...below.flatMap((child) => processesInCgroup(host, child))];
}

function processesInNetns(host: Host, inode: number): number[] {
  const pids = host.list("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => host.readLink(`/proc/${pid}/ns/net`) === `net:[${inode}]`).map(Number);
}
