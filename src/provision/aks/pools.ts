// Pools as AKS wants them: taints as text, and a first one that has nodes, keeps them and takes any pod.

import type { CloudPool } from "../tofu/cloud.ts";

/** The pool that the control plane is made with; checkCloud sees to it that there is one. */
export function firstPool(pools: readonly CloudPool[]): CloudPool {
  const first = pools.find(({ spot, count, taints }) => !spot && count > 0 && taints.length === 0);
  if (!first) throw new Error("Cannot make files for aks: no pool has nodes that stay and take any pod");
  return first;
}

/** "dedicated=batch:NoSchedule" */
export function taintText({ key, value, effect }: CloudPool["taints"][number]): string {
  return `${key}=${value}:${effect}`;
}
