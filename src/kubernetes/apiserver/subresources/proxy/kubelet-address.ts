// Where a node's kubelet listens, as its Node tells.

import { type Node, notFound, resources } from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import type { Backend } from "./backend.ts";

/** Finds the kubelet of a node. Throws NotFound; another error where the node has no usable address. */
export type KubeletFinder = (nodeName: string) => Promise<Backend>;

const defaultTypes = ["Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"];
const defaultPort = 10250;

export function createKubeletFinder(objects: LiveObjects, types: readonly string[] = defaultTypes): KubeletFinder {
  return async (nodeName) => {
    const node = await objects.get(resources.nodes, { name: nodeName });
    if (!node) throw notFound({ group: "", resource: "nodes" }, nodeName);
    const host = preferredAddress(node, types);
    const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort;
    return { scheme: "https", host, port, isKubelet: true };
  };
}

function preferredAddress({ status }: Node, types: readonly string[]): string {
  const addresses = status?.addresses ?? [];
  for (const type of types) {
    const found = addresses.find((each) => each.type === type);
    if (found) return found.address;
  }
  const known = addresses.map(({ type, address }) => `{${type} ${address}}`).join(" ");
  throw new Error(`no preferred addresses found; known addresses: [${known}]`);
}
