// What the machines of a cluster on this host share: a bridge with the host on it, forwarding and masquerading, and the host's firewall
// opened for the bridge. All of it is named after the cluster.

import { rm } from "node:fs/promises";
import type { Network } from "../provider.ts";
import { type Allocation, allocateSubnet, allocationFile, readAllocation } from "./allocation.ts";
import { closeFirewall, openFirewall } from "./firewall.ts";
import type { Host } from "./host.ts";
import { bridgeName } from "./names.ts";
import { closePodRoute } from "./pod-route.ts";

/** Makes the network, or mends what is missing of it; addresses once given stay. */
export async function createHostNetwork(host: Host, cluster: string, folder: string): Promise<Network> {
  const allocation = readAllocation(host, folder) ?? (await allocateSubnet(host, folder));
  const bridge = bridgeName(cluster);
  const commands = [
    ...(linkExists(host, bridge) ? [] : [`link add ${bridge} type bridge`]),
    `addr replace ${allocation.gateway}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ];
  await host.exec(["ip", "-batch", "-"], { input: `${commands.join("\n")}\n` });
  // Stays on when the cluster goes: others (Docker, VPNs) may have come to rely on it.
  if (host.read("/proc/sys/net/ipv4/ip_forward")?.trim() !== "1") host.write("/proc/sys/net/ipv4/ip_forward", "1");
  await host.exec(["nft", "-f", "-"], { input: renderHostRules(cluster, allocation) });
  await openFirewall(host, bridge);
  return describeNetwork(allocation);
}

/** Removes the network and gives its addresses back. Machines must be gone. */
export async function deleteHostNetwork(host: Host, cluster: string, folder: string): Promise<void> {
  const bridge = bridgeName(cluster);
  await closeFirewall(host, bridge);
  await closePodRoute(host, cluster);
  if (await tableExists(host, bridge)) await host.exec(["nft", "delete", "table", "ip", bridge]);
  if (linkExists(host, bridge)) await host.exec(["ip", "link", "del", bridge]);
  await rm(allocationFile(folder), { force: true });
}

/** The network, if the bridge and the rules are there. */
export async function findHostNetwork(host: Host, cluster: string, folder: string): Promise<Network | undefined> {
  const bridge = bridgeName(cluster);
  const allocation = readAllocation(host, folder);
  if (!allocation || !linkExists(host, bridge) || !(await tableExists(host, bridge))) return undefined;
  return describeNetwork(allocation);
}

function describeNetwork({ subnet, gateway }: Allocation): Network {
  return { machineCIDR: subnet, controlPlaneAddress: gateway };
}

/** The host's own rules: machines reach the world behind the host's address, and each other. Pure. */
export function renderHostRules(cluster: string, { subnet }: Allocation): string {
  const bridge = bridgeName(cluster);
  return `table ip ${bridge}
delete table ip ${bridge}
table ip ${bridge} {
  comment "slipway cluster ${cluster}"
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${subnet} oifname != "${bridge}" masquerade
  }
}
`;
}

export function linkExists(host: Host, link: string): boolean {
  return host.read(`/sys/class/net/${link}/ifindex`) !== undefined;
}

export async function tableExists(host: Host, table: string): Promise<boolean> {
  const { code } = await host.exec(["nft", "list", "table", "ip", table], { okCodes: [0, 1] });
  return code === 0;
}
