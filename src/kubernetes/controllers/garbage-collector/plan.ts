// What becomes of an object, given the state of its owners. Pure.

import type { ObjectMeta, OwnerReference } from "#kubernetes/api";
import { foregroundFinalizer, hasFinalizer, orphanFinalizer } from "./finalizers.ts";

export interface OwnerStates {
  /** The owner exists and stays. */
  readonly solid: readonly OwnerReference[];
  /** There is no such owner. */
  readonly dangling: readonly OwnerReference[];
  /** The owner is deleted in the foreground. */
  readonly waiting: readonly OwnerReference[];
}

export type GarbagePlan =
  | { readonly action: "keep" }
  /** Keep the object, but not these references: owners in foreground deletion would wait for it for ever. */
  | { readonly action: "removeReferences"; readonly ownerUids: readonly string[] }
  | {
      readonly action: "delete";
      readonly policy: "Foreground" | "Background" | "Orphan";
      /** Its references must stop blocking first: a circle of owners would wait for one another. */
      readonly unblockFirst: boolean;
    };

export interface DependentStates {
  readonly hasAny: boolean;
  readonly someDeletingDependents: boolean;
}

/** `metadata` is the object's latest; it has owner references. */
export function planGarbage(metadata: ObjectMeta, owners: OwnerStates, dependents: DependentStates): GarbagePlan {
  const { solid, dangling, waiting } = owners;
  if (solid.length > 0) {
    const ownerUids = [...dangling, ...waiting].map(({ uid }) => uid);
    return ownerUids.length === 0 ? { action: "keep" } : { action: "removeReferences", ownerUids };
  }
  if (waiting.length > 0 && dependents.hasAny) {
    return { action: "delete", policy: "Foreground", unblockFirst: dependents.someDeletingDependents };
  }
  return { action: "delete", policy: policyOf(metadata), unblockFirst: false };
}

/** Finalizers that are there already say how the object's own dependents are to be treated. */
function policyOf(metadata: ObjectMeta): "Foreground" | "Background" | "Orphan" {
  if (hasFinalizer(metadata, orphanFinalizer)) return "Orphan";
  return hasFinalizer(metadata, foregroundFinalizer) ? "Foreground" : "Background";
}
