// For how long a pod bears the NoExecute taints of its node. Pure.

import type { Node, Pod, Taint } from "#kubernetes/api";
import { tolerates } from "../nodes/taints.ts";

export function evictingTaints(node: Node | undefined): readonly Taint[] {
  return (node?.spec?.taints ?? []).filter(({ effect }) => effect === "NoExecute");
}

/** Milliseconds since the taints came: 0 for a pod that does not tolerate one of them, Infinity for one that tolerates all. */
export function tolerationMs({ spec }: Pod, taints: readonly Taint[]): number {
  let leastMs = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const toleration = spec?.tolerations?.find((candidate) => tolerates(candidate, taint));
    if (!toleration) return 0;
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds !== undefined) leastMs = Math.min(leastMs, Math.max(0, tolerationSeconds * 1000));
  }
  return leastMs;
}
