// Which volume suits a claim. Pure. (The scheduler has its own, which also looks at nodes.)

import { type PersistentVolume, type PersistentVolumeClaim, quantityValue, selectorOf } from "#kubernetes/api";
import { classOf } from "./storage-classes.ts";

/** The volume is for this claim: by name, and, where the volume names one, by UID. */
export function isForClaim({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec ?? {};
  if (claimRef?.name !== metadata.name || claimRef?.namespace !== metadata.namespace) return false;
  return !claimRef?.uid || claimRef.uid === metadata.uid;
}

export function hasSameMode(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec?.volumeMode ?? "Filesystem") === (claim.spec?.volumeMode ?? "Filesystem");
}

/** Why a claim cannot have the volume it names; undefined where it can. */
export function refuseVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp)
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  if (capacityOf(volume) < requestOf(claim)) return "requested PV is too small";
  if (classOf(volume) !== classOf(claim)) return "storageClassName does not match";
  if (!hasSameAttributes(volume, claim)) return "volumeAttributesClassName does not match";
  if (!hasSameMode(volume, claim)) return "incompatible volumeMode";
  return hasAccessModes(volume, claim) ? undefined : "incompatible accessMode";
}

/**
 * The volume that was made for the claim; else, unless its binding waits for a pod, the smallest of those with the fewest
 * access modes beyond what is asked.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  candidates: readonly PersistentVolume[],
  { isDelayed }: { readonly isDelayed: boolean },
): PersistentVolume | undefined {
  const selector = claim.spec?.selector && selectorOf(claim.spec.selector);
  const wished = candidates.filter((volume) => isLargeEnough(volume, claim) && hasAccessModes(volume, claim));
  const made = wished.find((volume) => isForClaim(volume, claim));
  if (made || isDelayed) return made;
  const free = wished.filter(
    (volume) =>
      !volume.spec?.claimRef &&
      volume.status?.phase === "Available" &&
      classOf(volume) === classOf(claim) &&
      (selector?.matches(volume.metadata.labels ?? {}) ?? true),
  );
  return free.reduce<PersistentVolume | undefined>((best, volume) => {
    return best && compare(best, volume) <= 0 ? best : volume;
  }, undefined);
}

function isLargeEnough(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    !volume.metadata.deletionTimestamp &&
    capacityOf(volume) >= requestOf(claim) &&
    hasSameMode(volume, claim) &&
    hasSameAttributes(volume, claim)
  );
}

function compare(a: PersistentVolume, b: PersistentVolume): number {
  const modes = (a.spec?.accessModes?.length ?? 0) - (b.spec?.accessModes?.length ?? 0);
  return modes || capacityOf(a) - capacityOf(b);
}

function capacityOf({ spec }: PersistentVolume): number {
  return quantityValue(spec?.capacity?.["storage"]);
}

function requestOf({ spec }: PersistentVolumeClaim): number {
  return quantityValue(spec?.resources?.requests?.["storage"]);
}

function hasAccessModes({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec?.accessModes ?? []).every((mode) => spec?.accessModes?.includes(mode));
}

function hasSameAttributes({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (spec?.volumeAttributesClassName ?? "") === (claim.spec?.volumeAttributesClassName ?? "");
}
