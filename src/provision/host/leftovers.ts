// Looks everywhere a local cluster leaves traces, by its name alone: the proof that `down` left nothing.

import { findFirewallRules } from "./firewall.ts";
import type { Host } from "./host.ts";
import { findMountsBelow } from "./mounts.ts";
import { bridgeName, clusterCgroup, netnsFolder, netnsPrefix } from "./names.ts";
import { tableExists } from "./network.ts";
import { hasPodRule } from "./pod-route.ts";
import { findCgroups } from "./processes.ts";

/** One line per thing that is still there, such as "link slw1a2b3c4d". The cluster's folder itself is not looked for. */
export async function findHostLeftovers(host: Host, cluster: string, folder: string): Promise<readonly string[]> {
  const bridge = bridgeName(cluster);
  const found = [
    ...host
      .list(netnsFolder)
      .filter((name) => name.startsWith(netnsPrefix(cluster)))
      .map((name) => `network namespace ${name}`),
    ...host
      .list("/sys/class/net")
      .filter((name) => name.startsWith(bridge))
      .map((name) => `link ${name}`),
    ...findMountsBelow(host, folder).map((path) => `mount ${path}`),
    ...findProcessesNaming(host, folder).map((pid) => `process ${pid}`),
    ...findCgroups(host, clusterCgroup(cluster)).map((path) => `cgroup ${path}`),
    ...(await findFirewallRules(host, bridge)).map(({ chain, match }) => `iptables rule ${chain} ${match.join(" ")}`),
  ];
  if (await hasTable(host, bridge)) found.push(`nftables table ip ${bridge}`);
  if (await hasPodRule(host, cluster)) found.push("routing rule for the cluster's pods");
  return found;
}

async function hasTable(host: Host, table: string): Promise<boolean> {
  try {
    return await tableExists(host, table);
  } catch {
    // Without nft there are no tables of ours.
    return false;
  }
}

/** Processes that name a path in the cluster's folder on their command line, but for this one and those it descends from. */
function findProcessesNaming(host: Host, folder: string): string[] {
  const own = ancestry(host, process.pid);
  const pids = host.list("/proc").filter((name) => /^\d+$/.test(name) && !own.has(name));
  return pids.filter((pid) => (host.read(`/proc/${pid}/cmdline`) ?? "").includes(`${folder}/`));
}

function ancestry(host: Host, pid: number): Set<string> {
  const found = new Set<string>();
  for (let current = String(pid); current !== "0" && current !== "" && !found.has(current); ) {
    found.add(current);
    current = /^PPid:\s*(\d+)/m.exec(host.read(`/proc/${current}/status`) ?? "")?.[1] ?? "";
  }
  return found;
}
