// The /etc/hosts of a pod's containers.

import type { HostAlias } from "#kubernetes/api";
import type { PodHostname } from "./pod-hostname.ts";

const header = "# Kubernetes-managed hosts file";
const localNames = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "fe00::0\tip6-mcastprefix",
  "fe00::1\tip6-allnodes",
  "fe00::2\tip6-allrouters",
];

/** For a pod with a network of its own. */
export function podHostsFile(ips: readonly string[], name: PodHostname, aliases: readonly HostAlias[] = []): string {
  const names = name.domain === "" ? name.hostname : `${name.hostname}.${name.domain}\t${name.hostname}`;
  const lines = [`${header}.`, ...localNames, ...ips.map((ip) => `${ip}\t${names}`)];
  return `${lines.join("\n")}\n${aliasLines(aliases)}`;
}

/** For a pod on the node's network: what the node's file says, and the pod's aliases. */
export function hostNetworkHostsFile(nodeHosts: string, aliases: readonly HostAlias[] = []): string {
  return `${header} (host network).\n${nodeHosts}${aliasLines(aliases)}`;
}

function aliasLines(aliases: readonly HostAlias[]): string {
  if (aliases.length === 0) return "";
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join("\t")}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join("")}`;
}
