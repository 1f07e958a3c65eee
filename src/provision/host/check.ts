// What stands in the way of containers on this machine, found before anything is made. Changes nothing.

import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { Problem } from "../provider.ts";
import type { Host } from "./host.ts";

export interface CheckTarget {
  /** The cluster's folder; it need not exist. */
  readonly folder: string;
}

/** This process's surroundings, so that tests can have others. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly uid: number;
  freeBytes(folder: string): number;
}

export const thisProcess: Surroundings = {
  platform: process.platform,
  uid: process.getuid?.() ?? -1,
  freeBytes: freeBytesAt,
};

const mebibyte = 1024 * 1024;
/** Images and containers of a small cluster; an API server's data alone. */
const neededForContainers = 512 * mebibyte;
const neededForSimulation = 64 * mebibyte;
/** The longest path of a socket below the cluster's folder; the kernel takes 107 characters. */
const longestSocketPath = "/run/worker-00000/cri.sock".length;

/** Empty when containers can run here. Problems that are `unsupported` leave simulated nodes as the way to go. */
export function checkThisMachine(host: Host, target: CheckTarget, around = thisProcess): readonly Problem[] {
  const unsupported = checkContainers(host, around);
  // Without containers the rest is moot.
  if (unsupported.length > 0) return unsupported;
  return [...checkTools(host), ...checkFolder(target, neededForContainers, around)];
}

/** What also simulated nodes need. */
export function checkForSimulation(target: CheckTarget, around = thisProcess): readonly Problem[] {
  return checkFolder(target, neededForSimulation, around);
}

function checkContainers(host: Host, { platform, uid }: Surroundings): Problem[] {
  if (platform !== "linux") {
    return [
      {
        message: `containers need Linux, and this is ${platform}`,
        hint: "Nodes can be simulated here: --simulated.",
        unsupported: true,
      },
    ];
  }
  if (uid !== 0) {
    return [
      {
        message: "containers need root",
        hint: "Run it with sudo for containers, or with --simulated.",
        unsupported: true,
      },
    ];
  }
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(host.read("/proc/self/status") ?? "")?.[1] ?? "0"}`);
  const lacking = Object.entries(neededCapabilities).filter(([, bit]) => ((capabilities >> BigInt(bit)) & 1n) === 0n);
  if (lacking.length > 0) {
    const names = lacking.map(([name]) => name).join(" and ");
    return [
      {
        message: `containers need ${names}, which this root lacks`,
        hint: "In a container, run it privileged, or use --simulated.",
        unsupported: true,
      },
    ];
  }
  if (!hasCgroups(host)) {
    return [
      {
        message: "containers need cgroups, and none are mounted at /sys/fs/cgroup",
        hint: "Use --simulated.",
        unsupported: true,
      },
    ];
  }
  return [];
}

const neededCapabilities: Readonly<Record<string, number>> = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 };

/** cgroup v2 at the root, or v1's memory and pids hierarchies below it; writable. */
function hasCgroups(host: Host): boolean {
  const mounts = (host.read("/proc/self/mountinfo") ?? "").split("\n").map((line) => line.split(" "));
  const writable = mounts.filter((fields) => fields[5]?.split(",").includes("rw")).map((fields) => fields[4]);
  const unified = host.read("/sys/fs/cgroup/cgroup.controllers") !== undefined;
  return unified
    ? writable.includes("/sys/fs/cgroup")
    : writable.some((path) => path?.startsWith("/sys/fs/cgroup/memory"));
}

/** Tools without which nothing can be made and that no package step brings. */
function checkTools(host: Host): Problem[] {
  const folders = (process.env["PATH"] ?? "").split(":").concat("/usr/sbin", "/sbin");
  const lacking = ["nsenter", "umount"].filter(
    (tool) => !folders.some((folder) => host.inode(`${folder}/${tool}`) !== undefined),
  );
  if (lacking.length === 0) return [];
  return [{ message: `${lacking.join(" and ")} not found`, hint: "Install util-linux, or use --simulated." }];
}

function checkFolder({ folder }: CheckTarget, needed: number, { freeBytes }: Surroundings): Problem[] {
  const problems: Problem[] = [];
  const free = freeBytes(folder);
  if (free < needed) {
    const mebibytes = (bytes: number) => `${Math.floor(bytes / mebibyte)} MiB`;
    problems.push({
      message: `the disk is full: ${mebibytes(free)} free at ${folder}, ${mebibytes(needed)} wanted`,
      hint: "Make room, or set SLIPWAY_HOME to a folder on another disk.",
    });
  }
  if (folder.length + longestSocketPath > 107) {
    problems.push({
      message: `the path ${folder} is too long for sockets in it`,
      hint: "Set SLIPWAY_HOME to a shorter path, or shorten the cluster's name.",
    });
  }
  return problems;
}

function freeBytesAt(folder: string): number {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || path === dirname(path)) throw error;
    }
  }
}
