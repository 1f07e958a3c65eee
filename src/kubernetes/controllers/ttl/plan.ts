// For how long kubelets may keep Secrets and ConfigMaps before asking again, by the size of the cluster. Pure.

import type { Node } from "#kubernetes/api";

export const ttlAnnotation = "node.alpha.kubernetes.io/ttl";

/** Steps overlap, lest a cluster on the border between two change all nodes with every node that comes or goes. */
const steps = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Number.POSITIVE_INFINITY, seconds: 300 },
];

/** The step for so many nodes, coming from another. */
export function ttlStep(step: number, nodeCount: number): number {
  let next = step;
  while (nodeCount > (steps[next]?.to ?? 0)) next++;
  while (nodeCount < (steps[next]?.from ?? 0)) next--;
  return next;
}

/** The annotation's value; undefined where the node has it. */
export function planTtl({ metadata }: Node, step: number): string | undefined {
  const wanted = String(steps[step]?.seconds ?? 0);
  return metadata.annotations?.[ttlAnnotation] === wanted ? undefined : wanted;
}
