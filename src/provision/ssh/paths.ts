// Where the provider ssh keeps what it knows, in the cluster's folder; and what it leaves on hosts.

import { join } from "node:path";

/** Which host is which machine. */
export function assignmentFile(clusterFolder: string): string {
  return join(clusterFolder, "hosts.json");
}

/** The hosts' keys, believed when they were first seen. */
export function knownHostsFile(clusterFolder: string): string {
  return join(clusterFolder, "ssh", "known_hosts");
}

/** On a host: whose it is. A file of its own: distribution slipway keeps its settings beside it. */
export const markFile = "/etc/slipway/host.json";
