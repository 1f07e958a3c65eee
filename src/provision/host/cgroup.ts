// Control groups for what runs in a machine: one in each hierarchy (v1), or one with all controllers handed on (v2).

import { join } from "node:path";
import type { Host } from "./host.ts";

const cgroupRoot = "/sys/fs/cgroup";

/** Makes the group wherever groups are, with those above it. The answer: their folders. Pass it "slipway/demo/worker-1". */
export function prepareCgroup(host: Host, cgroup: string): string[] {
  if (host.read(join(cgroupRoot, "cgroup.controllers")) !== undefined) {
    handOn(host, cgroupRoot);
    return [makeBelow(host, cgroupRoot, cgroup, handOn)];
  }
  const hierarchies = host.list(cgroupRoot).map((name) => join(cgroupRoot, name));
  return hierarchies
    .filter((root) => host.read(join(root, "cgroup.procs")) !== undefined)
    .map((root) => makeBelow(host, root, cgroup, inherit));
}

/** `settle` is called for each group but the last, after it was made; and for the last where it has settings to take over. */
function makeBelow(host: Host, root: string, cgroup: string, settle: (host: Host, folder: string) => void): string {
  const parts = cgroup.split("/");
  let folder = root;
  for (const [index, part] of parts.entries()) {
    folder = join(folder, part);
    host.makeFolder(folder);
    if (settle === inherit || index < parts.length - 1) settle(host, folder);
  }
  return folder;
}

/** v1: nothing can be put into a group of cpuset before it has processors and memory. */
function inherit(host: Host, folder: string): void {
  for (const name of ["cpuset.cpus", "cpuset.mems"]) {
    const own = host.read(join(folder, name));
    if (own === undefined || own.trim() !== "") continue;
    host.write(join(folder, name), host.read(join(folder, "..", name)) ?? "");
  }
}

/** v2: groups below have the controllers that are handed on. */
function handOn(host: Host, folder: string): void {
  const controllers = (host.read(join(folder, "cgroup.controllers")) ?? "").trim().split(/\s+/);
  for (const controller of controllers.filter((name) => name !== "")) {
    try {
      host.write(join(folder, "cgroup.subtree_control"), `+${controller}`);
    } catch {
      // One that is in use elsewhere, or that may not be handed on: machines go without.
    }
  }
}
