// How many pods a constraint is about there are, by node and by topology.

import type { Node } from "#kubernetes/api";
import { selectorKey } from "../../cluster/affinity-term.ts";
import type { PodInfo } from "../../cluster/pod-info.ts";
import type { Snapshot } from "../../cluster/snapshot.ts";
import type { TopologyCounter } from "../../cluster/topology-counters.ts";
import { nodeSelectionKey, requiredNodesOf } from "../node-selection.ts";
import { findUntoleratedTaint, tolerationsKey } from "../tolerations.ts";
import type { SpreadConstraint } from "./constraints.ts";

/** The counter of a constraint for pods like this one. `requiredKeys`: labels without which a node does not count. */
export function spreadCounter(
  pod: PodInfo,
  constraint: SpreadConstraint,
  requiredKeys: readonly string[],
  snapshot: Snapshot,
): TopologyCounter {
  const { namespace } = pod;
  const { selector, topologyKey } = constraint;
  const key = `spread ${namespace} ${selectorKey(selector)}`;
  const amountOf = (other: PodInfo) => (isCounted(other, namespace, constraint) ? 1 : 0);
  return snapshot.counters.byTopology({ key, amountOf }, topologyKey, spreadScope(pod, constraint, requiredKeys));
}

/** Pods on their way out do not count; nor does any where the selector is empty. */
export function isCounted(other: PodInfo, namespace: string, { selector }: SpreadConstraint): boolean {
  return !selector.isEmpty && other.namespace === namespace && !other.isTerminating && selector.matches(other.labels);
}

export interface SpreadScope {
  readonly key: string;
  readonly includes: (node: Node) => boolean;
}

/** The nodes that count for a constraint of this pod. */
export function spreadScope(
  { pod }: PodInfo,
  { honorsNodeAffinity, honorsTaints }: SpreadConstraint,
  requiredKeys: readonly string[],
): SpreadScope {
  const selection = honorsNodeAffinity ? nodeSelectionKey(pod) : "";
  const tolerations = honorsTaints ? `t${tolerationsKey(pod.spec?.tolerations)}` : "";
  const allows = honorsNodeAffinity ? requiredNodesOf(pod) : undefined;
  return {
    key: `${requiredKeys.join(",")} ${selection} ${tolerations}`,
    includes: (node) =>
      hasLabels(node, requiredKeys) &&
      (allows?.(node) ?? true) &&
      !(honorsTaints && findUntoleratedTaint(node.spec?.taints, pod.spec?.tolerations)),
  };
}

export function hasLabels({ metadata: { labels = {} } }: Node, keys: readonly string[]): boolean {
  return keys.every((key) => typeof labels[key] === "string");
}
