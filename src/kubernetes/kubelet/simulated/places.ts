// Where simulated nodes and pods are said to be: addresses with nothing behind them, each given to one only.

import type { Node, Pod } from "#kubernetes/api";
import { createAddressPool } from "./addresses.ts";

export interface Places {
  seenNode(node: Node): void;
  goneNode(node: Node): void;
  seenPod(pod: Pod): void;
  gonePod(pod: Pod): void;
  /** The node's InternalIPs; one for it where it has none. */
  nodeIPs(nodeName: string): readonly string[];
  /** A pod's addresses, from its node's ranges; its node's, where it shares the node's network. */
  podIPs(nodeName: string, uid: string, hostNetwork: boolean): readonly string[];
}

export interface PlacesOptions {
  readonly nodeCIDR: string;
  /** For pods on nodes that have no range. */
  readonly podCIDR: string;
  findNode(name: string): Node | undefined;
}

export function createPlaces({ nodeCIDR, podCIDR, findNode }: PlacesOptions): Places {
  const nodes = createAddressPool(nodeCIDR);
  const pods = createAddressPool(podCIDR);
  const nodeIPs = (name: string) => {
    const known = internalIPs(findNode(name));
    return known.length > 0 ? known : nodes.assign(name, []);
  };
  return {
    seenNode: (node) => nodes.keep(node.metadata.name ?? "", internalIPs(node)),
    goneNode: (node) => nodes.release(node.metadata.name ?? ""),
    seenPod({ metadata: { uid = "" }, spec, status }) {
      if (!spec?.hostNetwork) pods.keep(uid, status?.podIPs?.map(({ ip = "" }) => ip) ?? []);
    },
    gonePod: ({ metadata: { uid = "" } }) => pods.release(uid),
    nodeIPs,
    podIPs(nodeName, uid, hostNetwork) {
      if (hostNetwork) return nodeIPs(nodeName);
      const { podCIDRs, podCIDR: range } = findNode(nodeName)?.spec ?? {};
      return pods.assign(uid, podCIDRs ?? (range ? [range] : []));
    },
  };
}

function internalIPs(node: Node | undefined): readonly string[] {
  const addresses = node?.status?.addresses ?? [];
  return addresses.filter(({ type }) => type === "InternalIP").map(({ address }) => address);
}
