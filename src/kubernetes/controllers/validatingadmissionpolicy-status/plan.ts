// Whether a policy's status speaks of the policy as it is. Pure.

import type { ValidatingAdmissionPolicy } from "#kubernetes/api";

export function isObserved({ metadata, status }: ValidatingAdmissionPolicy): boolean {
  return (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
}
