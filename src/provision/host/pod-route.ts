// The way from this machine to the cluster's pods: what the API server sends to webhooks, to proxied pods and services. Other clusters'
// pods may have the same addresses, so it holds only for what comes from the bridge's own address, by a routing table of the cluster.

import type { Host } from "./host.ts";
import { bridgeName } from "./names.ts";

export interface PodRoute {
  readonly podCIDR: string;
  /** Whose connections go this way. */
  readonly from: string;
  /** A machine, which knows the way to the pods of the others. */
  readonly via: string;
}

/** Ahead of what VPNs put in (wg-quick, Tailscale), behind the addresses of this machine itself. */
const priority = 900;

/** Makes it, or leads it through another machine. */
export async function openPodRoute(host: Host, cluster: string, { podCIDR, from, via }: PodRoute): Promise<void> {
  const table = tableOf(cluster);
  const route = `${podCIDR} via ${via} dev ${bridgeName(cluster)} table ${table}`;
  await host.exec(["ip", "route", "replace", ...route.split(" ")]);
  const rule = `from ${from} to ${podCIDR} lookup ${table}`;
  if ((await listRules(host)).includes(rule)) return;
  await host.exec(["ip", "rule", "add", ...rule.split(" "), "priority", String(priority)]);
}

/** Takes the rule away; the routes go with the bridge. */
export async function closePodRoute(host: Host, cluster: string): Promise<void> {
  if (await hasPodRule(host, cluster)) await host.exec(["ip", "rule", "del", "lookup", tableOf(cluster)]);
}

export async function hasPodRule(host: Host, cluster: string): Promise<boolean> {
  return (await listRules(host)).some((rule) => rule.endsWith(`lookup ${tableOf(cluster)}`));
}

/** Without their priorities: "from 10.90.0.1 to 10.244.0.0/16 lookup 305419896". */
async function listRules(host: Host): Promise<readonly string[]> {
  const { stdout } = await host.exec(["ip", "-4", "rule", "show"]);
  return stdout.split("\n").map((line) => line.replace(/^\d+:\s+/, "").trim());
}

/** The same digits as in the bridge's name; tables have 32 bits. */
function tableOf(cluster: string): string {
  return String(Number.parseInt(bridgeName(cluster).slice(-8), 16));
}
