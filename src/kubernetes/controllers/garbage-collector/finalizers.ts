// What an object's finalizers and owner references say about its deletion. Pure.

import type { ObjectMeta, OwnerReference } from "#kubernetes/api";

export const foregroundFinalizer = "foregroundDeletion";
export const orphanFinalizer = "orphan";

export function hasFinalizer(metadata: ObjectMeta, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}

/** The object is deleted in the foreground and waits for its dependents to go. */
export function isDeletingDependents(metadata: ObjectMeta): boolean {
  return metadata.deletionTimestamp !== undefined && hasFinalizer(metadata, foregroundFinalizer);
}

/** What an object begins to wait for with this change: its dependents' orphaning, their deletion, or nothing. */
export function startsWaiting(metadata: ObjectMeta, old: ObjectMeta | undefined): "orphan" | "foreground" | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  const starts = (finalizer: string) =>
    hasFinalizer(metadata, finalizer) && !(old?.deletionTimestamp && hasFinalizer(old, finalizer));
  if (starts(orphanFinalizer)) return "orphan";
  return starts(foregroundFinalizer) ? "foreground" : undefined;
}

export interface ReferenceDiff {
  readonly added: readonly OwnerReference[];
  readonly removed: readonly OwnerReference[];
  /** The uids of owners whose deletion the object no longer blocks. */
  readonly unblocked: readonly string[];
}

export function diffReferences(old: readonly OwnerReference[], now: readonly OwnerReference[]): ReferenceDiff {
  const before = new Map(old.map((reference) => [reference.uid, reference]));
  const after = new Map(now.map((reference) => [reference.uid, reference]));
  const unblocked: string[] = [];
  for (const { uid, blockOwnerDeletion } of old) {
    if (blockOwnerDeletion && !after.get(uid)?.blockOwnerDeletion) unblocked.push(uid);
  }
  return {
    added: now.filter(({ uid }) => !before.has(uid)),
    removed: old.filter(({ uid }) => !after.has(uid)),
    unblocked,
  };
}
