// The part of the table that is the same whatever services there are: how packets come to the maps that services fill. Pure.

import { type IPFamily, wordsOf } from "../nft/family.ts";

/** What the rules need to know besides services. */
export interface ProxySettings {
  readonly family: IPFamily;
  /** Where pods' addresses come from, in this family. Empty: nobody counts as being in the cluster. */
  readonly clusterCIDRs: readonly string[];
  readonly masqueradeAll: boolean;
  /** Where services' addresses come from: those not given out yet lead nowhere. */
  readonly serviceCIDRs: readonly string[];
  /** The addresses at which node ports are served; undefined: all the node has, but the loopback. */
  readonly nodePortAddresses: readonly string[] | undefined;
  /** The node's own address, where known. */
  readonly nodeAddress: string | undefined;
}

export const tableName = "slipway-proxy";

/** Packets with it are masqueraded. Upstream's bit. */
export const masqueradeMark = "0x4000";
export const markForMasquerade = `meta mark set meta mark or ${masqueradeMark}`;

/** Containers that services fill. */
export const containers = {
  clusterIPs: "cluster-ips",
  serviceIPs: "service-ips",
  nodePorts: "service-nodeports",
  endpoints: "endpoints",
  nodePortEndpoints: "nodeport-endpoints",
  deadServices: "no-endpoint-services",
  deadNodePorts: "no-endpoint-nodeports",
  firewall: "firewall-ips",
  hairpins: "hairpin-connections",
} as const;

/** The table as a whole, without a service in it. */
export function renderFixedRules(settings: ProxySettings): string {
  const { ip, address } = wordsOf(settings.family);
  const frontend = `${address} . inet_proto . inet_service`;
  // Only the types of these words count here: nft 1.0.6 cannot list maps that say "th dport", for ports of any protocol.
  const place = "numgen random mod 65536";
  const toFrontend = `${ip} daddr . meta l4proto . th dport`;
  return `table ${ip} ${tableName} {
  comment "slipway: services"

  # Addresses of services inside the cluster.
  set cluster-ips { type ${address}; }
  # Where services are reached, and the chain that chooses an endpoint: "pick-3" takes one of the three of that place.
  map service-ips { type ${frontend} : verdict; }
  map service-nodeports { type inet_proto . inet_service : verdict; }
  # The endpoints of each place, numbered from 0.
  map endpoints { typeof ${ip} daddr . meta l4proto . tcp dport . ${place} : ${ip} daddr . tcp dport; }
  map nodeport-endpoints { typeof meta l4proto . tcp dport . ${place} : ${ip} daddr . tcp dport; }
  # Services without endpoints that could be used.
  map no-endpoint-services { type ${frontend} : verdict; }
  map no-endpoint-nodeports { type inet_proto . inet_service : verdict; }
  # Load balancers' addresses that not everybody may use.
  map firewall-ips { type ${frontend} : verdict; }
  # Endpoints on this node, which may be sent back what they sent to their service.
  set hairpin-connections { type ${address} . ${address} . inet_proto . inet_service; }
${renderNodePortSet(settings)}
  chain nat-prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump services
  }
  chain nat-output {
    type nat hook output priority -100; policy accept;
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    meta mark and ${masqueradeMark} != 0 meta mark set meta mark xor ${masqueradeMark} masquerade fully-random
    ct status dnat ${ip} saddr . ${ip} daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random
  }
  chain filter-prerouting-pre-dnat {
    type filter hook prerouting priority dstnat - 10; policy accept;
    ct state new jump firewall-check
  }
  chain filter-output-pre-dnat {
    type filter hook output priority -110; policy accept;
    ct state new jump firewall-check
  }
  chain filter-input {
    type filter hook input priority filter; policy accept;
    ct state new jump nodeport-endpoints-check
    ct state new jump service-endpoints-check
  }
  chain filter-forward {
    type filter hook forward priority filter; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain filter-output {
    type filter hook output priority filter; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }

  chain services {${renderMasquerading(settings, ip)}
    ${toFrontend} vmap @service-ips
    ${toNodePort(settings)} meta l4proto . th dport vmap @service-nodeports
  }
  chain service-endpoints-check {
    ${toFrontend} vmap @no-endpoint-services
  }
  chain nodeport-endpoints-check {
    ${toNode(settings)} meta l4proto . th dport vmap @no-endpoint-nodeports
  }
  chain firewall-check {
    ${toFrontend} vmap @firewall-ips
  }
  chain cluster-ips-check {
    ${ip} daddr @cluster-ips reject comment "no such port"${renderUnallocated(settings, ip)}
  }
  chain reject-chain {
    reject
  }
}
`;
}

function renderNodePortSet({ nodePortAddresses, family }: ProxySettings): string {
  if (nodePortAddresses === undefined) return "";
  const elements = nodePortAddresses.length === 0 ? "" : ` elements = { ${nodePortAddresses.join(", ")} };`;
  return `  set nodeport-ips { type ${wordsOf(family).address};${elements} }\n`;
}

function renderMasquerading({ masqueradeAll, clusterCIDRs }: ProxySettings, ip: string): string {
  if (masqueradeAll) return `\n    ${ip} daddr @cluster-ips ${markForMasquerade}`;
  if (clusterCIDRs.length === 0) return "";
  return `\n    ${ip} daddr @cluster-ips ${ip} saddr != ${renderRanges(clusterCIDRs)} ${markForMasquerade}`;
}

function renderUnallocated({ serviceCIDRs }: ProxySettings, ip: string): string {
  if (serviceCIDRs.length === 0) return "";
  return `\n    ${ip} daddr ${renderRanges(serviceCIDRs)} drop comment "no such service"`;
}

function toNode({ family, nodePortAddresses }: ProxySettings): string {
  const { ip, loopback } = wordsOf(family);
  return nodePortAddresses === undefined ? `${ip} daddr != ${loopback}` : `${ip} daddr @nodeport-ips`;
}

function toNodePort(settings: ProxySettings): string {
  return settings.nodePortAddresses === undefined ? `fib daddr type local ${toNode(settings)}` : toNode(settings);
}

/** One range as it is, several as a set. */
export function renderRanges(ranges: readonly string[]): string {
  return ranges.length === 1 ? ranges[0]! : `{ ${ranges.join(", ")} }`;
}

/** The chains that choose among endpoints, by how many there are. */
export type PickKind = "pick" | "masquerade-pick" | "nodeport-pick";

export function pickChain(kind: PickKind, count: number): string {
  return `${kind}-${count}`;
}

/** The rules of such a chain. Those of node ports masquerade always: the endpoint may be on another node. */
export function renderPickChain(kind: PickKind, count: number, family: IPFamily): string[] {
  const { ip } = wordsOf(family);
  const index = `numgen random mod ${count}`;
  if (kind === "masquerade-pick") return [markForMasquerade, `goto ${pickChain("pick", count)}`];
  if (kind === "pick") return [`dnat ${ip} to ${ip} daddr . meta l4proto . th dport . ${index} map @endpoints`];
  return [markForMasquerade, `dnat ${ip} to meta l4proto . th dport . ${index} map @nodeport-endpoints`];
}
