// Where a node's kubelet listens, as its Node tells.

import { badRequest, type Node, notFound, resources } from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import type { Backend } from "./backend.ts";

/** Finds the kubelet of a node. Throws NotFound, BadRequest where it has none, another error where it has no usable address. */
export type KubeletFinder = (nodeName: string) => Promise<Backend>;

const defaultTypes = ["Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"];
const defaultPort = 10250;

export interface KubeletFinderOptions {
  /** Of addresses, in order of preference. Default: as upstream's. */
  readonly types: readonly string[] | undefined;
  readonly explainMissing: ((node: Node) => string | undefined) | undefined;
}

export function createKubeletFinder(objects: LiveObjects, options: KubeletFinderOptions): KubeletFinder {
  const { types = defaultTypes, explainMissing } = options;
  return async (nodeName) => {
    const node = await objects.get(resources.nodes, { name: nodeName });
    if (!node) throw notFound({ group: "", resource: "nodes" }, nodeName);
    const missing = explainMissing?.(node);
    if (missing !== undefined) throw badRequest(missing);
    const host = preferredAddress(node, types);
    const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort;
    return { scheme: "https", host, port, isKubelet: true };
  };
}

/** Throws BadRequest where nothing on the node can be reached. */
export type ReachCheck = (nodeName: string | undefined) => Promise<void>;

export function createReachCheck(
  objects: LiveObjects,
  explainMissing: KubeletFinderOptions["explainMissing"],
): ReachCheck {
  return async (name) => {
    const node = explainMissing && name ? await objects.get(resources.nodes, { name }) : undefined;
    const missing = node && explainMissing?.(node);
    if (missing !== undefined) throw badRequest(missing);
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
