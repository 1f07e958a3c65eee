// The pod network of a node, computed: what stands in its CNI configuration, which routes lead to other nodes' pods, what leaves under
// the node's own address. Nodes must reach each other directly, without a router between them. Pure.

import type { Node } from "#kubernetes/api";

export interface NetworkSettings {
  readonly nodeName: string;
  /** All pods of the cluster lie in here. */
  readonly podCIDR: string;
  /** The name in the CNI configuration. */
  readonly name: string;
  /** Where host-local notes the addresses it has given. */
  readonly addressesFolder: string;
}

export interface Route {
  /** Pods of a node. */
  readonly destination: string;
  /** The node's address. */
  readonly gateway: string;
}

export interface NetworkPlan {
  /** The range of this node's pods; undefined until the node has got one. */
  readonly ownRange: string | undefined;
  readonly routes: readonly Route[];
}

export function planNetwork(nodes: readonly Node[], { nodeName }: NetworkSettings): NetworkPlan {
  const own = nodes.find(({ metadata }) => metadata.name === nodeName);
  const routes = nodes
    .filter((node) => node !== own)
    .flatMap((node): Route[] => {
      const { podCIDR: destination } = node.spec ?? {};
      const gateway = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
      return destination && gateway ? [{ destination, gateway }] : [];
    });
  return {
    ownRange: own?.spec?.podCIDR || undefined,
    routes: routes.toSorted((one, other) => one.destination.localeCompare(other.destination)),
  };
}

/**
 * The CNI configuration list. Pods are joined by ptp, not by a bridge: so packets between two pods of the node pass the node's own
 * routing too, where services' addresses are translated back.
 */
export function renderCniConfig(range: string, { name, addressesFolder }: NetworkSettings): string {
  const config = {
    cniVersion: "1.0.0",
    name,
    plugins: [
      {
        type: "ptp",
        ipam: {
          type: "host-local",
          dataDir: addressesFolder,
          ranges: [[{ subnet: range }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true }, snat: true },
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

const table = "slipway-node";

/** nftables rules: what pods send out of the cluster leaves under the node's address. */
export function renderMasquerade(range: string, { podCIDR }: NetworkSettings): string {
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${range} ip daddr != ${podCIDR} masquerade
  }
}
`;
}

/** Commands for `ip -batch` that lead from the routes there are to those wanted. `protocol` marks ours. */
export function renderRouteChanges(current: readonly Route[], wanted: readonly Route[], protocol: number): string[] {
  const same = (one: Route) => (other: Route) => one.destination === other.destination && one.gateway === other.gateway;
  const gone = current.filter(({ destination }) => !wanted.some((route) => route.destination === destination));
  const added = wanted.filter((route) => !current.some(same(route)));
  return [
    ...gone.map(({ destination }) => `route del ${destination} proto ${protocol}`),
    ...added.map(({ destination, gateway }) => `route replace ${destination} via ${gateway} proto ${protocol}`),
  ];
}
