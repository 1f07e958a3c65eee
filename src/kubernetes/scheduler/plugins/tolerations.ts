// Which taints a pod tolerates.

import type { Taint, Toleration } from "#kubernetes/api";

const none: readonly never[] = [];

export function toleratesTaint(tolerations: readonly Toleration[] = none, taint: Taint): boolean {
  return tolerations.some((toleration) => matches(toleration, taint));
}

/** The first taint that keeps the pod from being placed here or staying; undefined where it tolerates all such. */
export function findUntoleratedTaint(
  taints: readonly Taint[] = none,
  tolerations: readonly Toleration[] = none,
): Taint | undefined {
  return taints.find((taint) => keepsAway(taint) && !toleratesTaint(tolerations, taint));
}

/** A text that is equal for pods that tolerate the same. */
export function tolerationsKey(tolerations: readonly Toleration[] = none): string {
  return tolerations.length === 0 ? "" : JSON.stringify(tolerations);
}

function keepsAway({ effect }: Taint): boolean {
  return effect === "NoSchedule" || effect === "NoExecute";
}

/** No effect tolerates every effect, no key (which goes with Exists) every key. */
function matches({ effect, key, operator, value }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return (!operator || operator === "Equal") && (value ?? "") === (taint.value ?? "");
}
