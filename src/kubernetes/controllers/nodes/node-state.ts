// What a node says of itself.

import type { Node, NodeCondition } from "#kubernetes/api";

export function nodeCondition(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((condition) => condition.type === type);
}

/** "True", "False" or "Unknown"; undefined where nobody has ever said. */
export function readyStatus(node: Node): string | undefined {
  return nodeCondition(node, "Ready")?.status;
}

/** The failure zone of a node, region included; empty where it has none. The older labels go before the newer ones. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const zone = labels["failure-domain.beta.kubernetes.io/zone"] ?? labels["topology.kubernetes.io/zone"] ?? "";
  const region = labels["failure-domain.beta.kubernetes.io/region"] ?? labels["topology.kubernetes.io/region"] ?? "";
  return region === "" && zone === "" ? "" : `${region}:${zone}`;
}
