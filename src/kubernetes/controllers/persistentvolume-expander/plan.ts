// Whether a claim wants to grow. Pure.

import { type PersistentVolumeClaim, quantityValue } from "#kubernetes/api";

const resource = "storage";

/** It is bound, and asks for more than it has. */
export function wantsToGrow({ spec, status }: PersistentVolumeClaim): boolean {
  if (status?.phase !== "Bound") return false;
  return quantityValue(spec?.resources?.requests?.[resource]) > quantityValue(status.capacity?.[resource]);
}

/** It asks for more than it did before. */
export function grew(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const requestOf = ({ spec }: PersistentVolumeClaim) => quantityValue(spec?.resources?.requests?.[resource]);
  return requestOf(claim) > requestOf(old);
}
