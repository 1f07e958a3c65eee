// Everything on this machine that a cluster could leave behind, as lines, so that two scans can be compared.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Recognises what belongs to a cluster, on a machine where others work at the same time. */
export function belongsTo(cluster: string, home: string): (line: string) => boolean {
  const bridge = `slw${createHash("sha256").update(cluster).digest("hex").slice(0, 8)}`;
  const marks = [home, bridge, `slipway.${cluster}.`, `slipway/${cluster}`];
  return (line) => line.startsWith("kubeconfig ") || marks.some((mark) => line.includes(mark));
}

export interface ScanOptions {
  /** Folders whose files count. */
  readonly folders: readonly string[];
  readonly kubeconfig: string;
}

/** Sorted lines: namespaces, links, mounts, processes, cgroups, nftables, iptables, files, the kubeconfig's content. */
export function scanMachine({ folders, kubeconfig }: ScanOptions): string[] {
  const lines = [
    ...list("/run/netns").map((name) => `namespace ${name}`),
    ...list("/sys/class/net").map((name) => `link ${name}`),
    ...mounts().map((path) => `mount ${path}`),
    ...processes().map((command) => `process ${command}`),
    ...cgroups().map((path) => `cgroup ${path}`),
    ...run("nft", "list", "ruleset").map((line) => `nftables ${line}`),
    ...run("iptables", "-S").map((line) => `iptables ${line}`),
    ...run("ip", "rule").map((line) => `rule ${line}`),
    ...[...folders, "/run/containerd/s", "/var/lib/cni/results"].flatMap(files).map((path) => `file ${path}`),
    `kubeconfig ${existsSync(kubeconfig) ? readFileSync(kubeconfig, "utf8") : "none"}`,
  ];
  return lines.toSorted();
}

/** What the second scan has and the first had not. On a machine where others work too, only what `isOurs` recognises counts. */
export function findNew(
  before: readonly string[],
  after: readonly string[],
  isOurs: (line: string) => boolean,
): string[] {
  const known = new Set(before);
  return after.filter((line) => !known.has(line) && isOurs(line));
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function mounts(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
  return lines.map((line) => line.split(" ")[4]!);
}

/** Command lines, without kernel threads and zombies that nobody has reaped yet. */
function processes(): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const commands = pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return "";
    }
  });
  return commands.filter((command) => command !== "");
}

function cgroups(): string[] {
  return run("find", "/sys/fs/cgroup", "-type", "d");
}

function files(folder: string): string[] {
  return existsSync(folder) ? run("find", folder).map((path) => join(path)) : [];
}

function run(program: string, ...args: string[]): string[] {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
      .split("\n")
      .filter((line) => line.trim() !== "");
  } catch {
    return [];
  }
}
