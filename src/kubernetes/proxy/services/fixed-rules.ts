// The part of the table that is the same whatever services there are: how packets come to the maps that services fill. Pure.

import { type IPFamily, wordsOf } from "../nft/family.ts";
import type { Protocol } from "./service-port.ts";

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
  deadServices: "no-endpoint-services",
  deadNodePorts: "no-endpoint-nodeports",
  firewall: "firewall-ips",
  hairpins: "hairpin-connections",
} as const;

export const endpointsOf = (protocol: Protocol) => `${protocol}-endpoints`;
export const nodePortEndpointsOf = (protocol: Protocol) => `${protocol}-nodeport-endpoints`;

const protocols: readonly Protocol[] = ["tcp", "udp", "sctp"];

/** The table as a whole, without a service in it. */
export function renderFixedRules(settings: ProxySettings): string {
  const { ip, address } = wordsOf(settings.family);
  const frontend = `${address} . inet_proto . inet_service`;
  const toFrontend = `${ip} daddr . meta l4proto . th dport`;
  return `table ${ip} ${tableName} {
  comment "slipway: services"

  # Addresses of services inside the cluster.
  set cluster-ips { type ${address}; }
  # Where services are reached, and the chain that chooses an endpoint: "tcp-pick-3" takes one of the three of that place.
  map service-ips { type ${frontend} : verdict; }
  map service-nodeports { type inet_proto . inet_service : verdict; }
  # The endpoints of each place, numbered from 0.
${renderEndpointMaps(ip)}
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

/** One map per protocol: nft must know whose ports it translates. */
function renderEndpointMaps(ip: string): string {
  const place = "numgen random mod 65536";
  const lines = protocols.flatMap((protocol) => {
    const [port, target] = [`${protocol} dport`, `${ip} daddr . ${protocol} dport`];
    return [
      `  map ${endpointsOf(protocol)} { typeof ${target} . ${place} : ${target}; }`,
      `  map ${nodePortEndpointsOf(protocol)} { typeof ${port} . ${place} : ${target}; }`,
    ];
  });
  return lines.join("\n");
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

/** A chain that chooses among endpoints, by how many there are. */
export interface Pick {
  readonly kind: "pick" | "masquerade-pick" | "nodeport-pick";
  readonly protocol: Protocol;
  readonly count: number;
}

/** Such as "tcp-pick-3". */
export function pickChain({ kind, protocol, count }: Pick): string {
  return `${protocol}-${kind}-${count}`;
}

/** Its rules. Those of node ports masquerade always: the endpoint may be on another node. */
export function renderPickChain(pick: Pick, family: IPFamily): string[] {
  const { ip } = wordsOf(family);
  const { kind, protocol, count } = pick;
  const index = `numgen random mod ${count}`;
  if (kind === "masquerade-pick") return [markForMasquerade, `goto ${pickChain({ ...pick, kind: "pick" })}`];
  if (kind === "pick")
    return [`dnat ${ip} to ${ip} daddr . ${protocol} dport . ${index} map @${endpointsOf(protocol)}`];
  return [markForMasquerade, `dnat ${ip} to ${protocol} dport . ${index} map @${nodePortEndpointsOf(protocol)}`];
}
