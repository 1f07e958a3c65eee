// Pools as AKS wants them: short names, taints as text, and a first one that has nodes and keeps them.

import type { CloudPool } from "../tofu/cloud.ts";

/** What AKS takes for the name of a pool: 12 small letters and digits, a letter first. */
export function aksPoolName(name: string): string {
  return name.replaceAll(/[^a-z0-9]/g, "").slice(0, 12);
}

/** The pool that the control plane is made with; checkCloud sees to it that there is one. */
export function firstPool(pools: readonly CloudPool[]): CloudPool {
  const first = pools.find(({ spot, count }) => !spot && count > 0);
  if (!first) throw new Error("Cannot make files for aks: no pool has nodes that stay");
  return first;
}

/** "dedicated=batch:NoSchedule" */
export function taintText({ key, value, effect }: CloudPool["taints"][number]): string {
  return `${key}=${value}:${effect}`;
}
