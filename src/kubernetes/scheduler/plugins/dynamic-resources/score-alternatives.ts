// How good an allocation is: the earlier an alternative stands in its request, the better. Pure.

import type { AllocationResult, ResourceV1ResourceClaim as ResourceClaim } from "#kubernetes/api";

/** The most alternatives a request may have. */
const mostAlternatives = 8;

export function scoreAlternatives(
  claims: readonly ResourceClaim[],
  allocationOf: (claim: ResourceClaim) => AllocationResult | undefined,
): number {
  let score = 0;
  for (const claim of claims) {
    const granted = new Set((allocationOf(claim)?.devices?.results ?? []).map(({ request }) => request));
    for (const { name, firstAvailable = [] } of claim.spec.devices?.requests ?? []) {
      const index = firstAvailable.findIndex((alternative) => granted.has(`${name}/${alternative.name}`));
      if (index >= 0) score += mostAlternatives - index;
    }
  }
  return score;
}
