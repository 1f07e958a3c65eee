// Which finalizers a DELETE leaves an object with, so that the garbage collector orphans its dependents or deletes them first.

import type { DeleteOptions, ObjectMeta } from "#kubernetes/api";
import type { ServedResource } from "./resources/served-resource.ts";

const orphan = "orphan";
const foreground = "foregroundDeletion";

type Policy = "orphan" | "foreground" | "background";

/** The finalizers after the delete: those there are, and at most one of the garbage collector's two. */
export function finalizersOfDelete(
  resource: ServedResource,
  metadata: ObjectMeta,
  options: DeleteOptions,
): readonly string[] {
  const present = metadata.finalizers ?? [];
  const policy = policyOf(resource, present, options);
  const others = present.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  if (policy === "orphan") others.push(orphan);
  if (policy === "foreground") others.push(foreground);
  const isSame = others.length === present.length && others.every((finalizer) => present.includes(finalizer));
  return isSame ? present : others;
}

/** What the request says counts most, then what an earlier one left on the object, then the kind's default. */
function policyOf({ definition }: ServedResource, present: readonly string[], options: DeleteOptions): Policy {
  if (definition.garbageCollection === "unsupported") return "background";
  const { orphanDependents, propagationPolicy } = options;
  if (orphanDependents !== undefined) return orphanDependents ? "orphan" : "background";
  if (propagationPolicy === "Orphan") return "orphan";
  if (propagationPolicy === "Foreground") return "foreground";
  if (propagationPolicy === "Background") return "background";
  const first = present.find((finalizer) => finalizer === orphan || finalizer === foreground);
  if (first !== undefined) return first === orphan ? "orphan" : "foreground";
  return definition.garbageCollection === "orphan" ? "orphan" : "background";
}
