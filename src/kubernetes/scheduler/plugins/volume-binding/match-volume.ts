// Which of the volumes at hand suits a claim, for a pod on a given node.

import {
  type Labels,
  type PersistentVolume,
  type PersistentVolumeClaim,
  quantityValue,
  type Selector,
  selectorOf,
} from "#kubernetes/api";
import { describeError } from "#shared";
import { storageClassOf } from "../volumes/claims.ts";
import { allowsNode } from "../volumes/volume-affinity.ts";

/** Bytes asked for. */
export function sizeOfClaim({ spec }: PersistentVolumeClaim): number {
  return quantityValue(spec?.resources?.requests?.["storage"]);
}

function sizeOfVolume({ spec }: PersistentVolume): number {
  return quantityValue(spec?.capacity?.["storage"]);
}

/**
 * The volume that is bound to the claim by whoever made it, else the smallest that will do. undefined where there is none, also
 * where the bound one cannot be used from the node. `taken`: names of volumes other claims of the pod get.
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  { labels, taken }: { readonly labels: Labels | undefined; readonly taken: ReadonlySet<string> },
): PersistentVolume | undefined {
  const selector = claimSelector(claim);
  const wantedClass = storageClassOf(claim);
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (taken.has(volume.metadata.name ?? "") || !isCandidate(volume, claim)) continue;
    if (isBoundTo(volume, claim)) return allowsNode(volume, labels) ? volume : undefined;
    // One that is not available yet will tell when it is.
    if (volume.status?.phase !== "Available") continue;
    if (selector && !selector.matches(volume.metadata.labels)) continue;
    if (storageClassOf(volume) !== wantedClass || !hasAccessModes(volume, claim)) continue;
    if (smallest && sizeOfVolume(smallest) <= sizeOfVolume(volume)) continue;
    if (allowsNode(volume, labels)) smallest = volume;
  }
  return smallest;
}

/** What must hold of any volume, be it bound already. */
function isCandidate(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec: has, metadata } = volume;
  const { spec: wants } = claim;
  return (
    (!has?.claimRef || isBoundTo(volume, claim)) &&
    sizeOfVolume(volume) >= sizeOfClaim(claim) &&
    (has?.volumeMode ?? "Filesystem") === (wants?.volumeMode ?? "Filesystem") &&
    (has?.volumeAttributesClassName ?? "") === (wants?.volumeAttributesClassName ?? "") &&
    metadata.deletionTimestamp === undefined
  );
}

/** Whether the volume says it is the claim's. */
export function isBoundTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec?.claimRef;
  if (!reference || reference.name !== metadata.name || reference.namespace !== metadata.namespace) return false;
  return !reference.uid || reference.uid === metadata.uid;
}

function hasAccessModes({ spec: has }: PersistentVolume, { spec: wants }: PersistentVolumeClaim): boolean {
  return wants?.accessModes?.every((mode) => has?.accessModes?.includes(mode)) ?? true;
}

function claimSelector({ metadata, spec }: PersistentVolumeClaim): Selector | undefined {
  try {
    return spec?.selector && selectorOf(spec.selector);
  } catch (error) {
    const key = `${metadata.namespace}/${metadata.name}`;
    throw new Error(`error creating internal label selector for claim: ${key}: ${describeError(error)}`, {
      cause: error,
    });
  }
}
