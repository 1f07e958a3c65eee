// Metadata that updates through a subresource leave alone.

import type { ObjectMeta } from "../../../generated/types.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { samePodSpec } from "./validate-pod-update.ts";

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

/** A changed spec is the next generation. Main resources leave that to the registry. */
export function countGeneration(pod: DecodedPod, old: DecodedPod): void {
  if (!samePodSpec(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
}
