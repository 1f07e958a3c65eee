// What the things of a local cluster are called in the kernel, so that they can be found again by the cluster's name alone.

import { createHash } from "node:crypto";
import { join } from "node:path";

/** Network namespaces appear here for iproute2 and nsenter. */
export const netnsFolder = "/run/netns";

/** The bridge of the cluster, also its nftables table: "slw" and 8 hex digits of the name's hash (links take 15 characters). */
export function bridgeName(cluster: string): string {
  return `slw${createHash("sha256").update(cluster).digest("hex").slice(0, 8)}`;
}

/** The host's end of a machine's cable. */
export function cableName(cluster: string, index: number): string {
  return `${bridgeName(cluster)}m${index}`;
}

/** No label of DNS holds a dot, so no two clusters' prefixes meet. */
export function netnsPrefix(cluster: string): string {
  return `slipway.${cluster}.`;
}

export function netnsName(cluster: string, machine: string): string {
  return `${netnsPrefix(cluster)}${shortName(cluster, machine)}`;
}

/** The machine's name without the cluster's: "worker-1". Unique in the cluster, and short enough for paths of sockets. */
export function shortName(cluster: string, machine: string): string {
  return machine.startsWith(`${cluster}-`) ? machine.slice(cluster.length + 1) : machine;
}

/** Where the machine keeps its files: its "disk". */
export function machineFolder(clusterFolder: string, cluster: string, machine: string): string {
  return join(clusterFolder, "machines", shortName(cluster, machine));
}

/** Where it keeps what ends with it: sockets, pipes, namespaces; its "/run". Short, for the sockets' sake. */
export function machineRunFolder(clusterFolder: string, cluster: string, machine: string): string {
  return join(clusterFolder, "run", shortName(cluster, machine));
}

/** The cgroup, below each hierarchy's root, that holds everything that runs in the cluster's pods. */
export function clusterCgroup(cluster: string): string {
  return `slipway/${cluster}`;
}

/** The cgroup that holds everything that runs in the machine's pods. */
export function machineCgroup(cluster: string, machine: string): string {
  return `${clusterCgroup(cluster)}/${shortName(cluster, machine)}`;
}
