// Metadata that updates through a subresource leave alone.

import type { ObjectMeta } from "../../generated/types.ts";

const keptFields = [
  "deletionTimestamp",
  "generation",
  "selfLink",
  "labels",
  "annotations",
  "finalizers",
  "ownerReferences",
] as const;

/** Puts back what was there before; upstream's ResetObjectMetaForStatus. */
export function keepMetadata(meta: ObjectMeta, old: ObjectMeta): void {
  for (const field of keptFields) keepField(meta, old, field);
}

function keepField<Field extends (typeof keptFields)[number]>(meta: ObjectMeta, old: ObjectMeta, field: Field): void {
  if (old[field] === undefined) delete meta[field];
  else meta[field] = old[field];
}
