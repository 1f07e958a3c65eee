// The four writes of a binding: the volume and its phase, the claim and its status. Pure; each answers undefined where all is set.

import { formatApiVersion, type PersistentVolume, type PersistentVolumeClaim, resources } from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";
import { bindCompleted, boundByController, preResizeCapacity } from "../volumes/annotations.ts";
import { isForClaim } from "../volumes/match-volume.ts";

export function volumeBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const { claimRef } = volume.spec ?? {};
  const wasFor = isForClaim(volume, claim);
  const isSame = wasFor && claimRef?.uid === claim.metadata.uid;
  if (isSame) return undefined;
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const reference = {
    kind: resources.persistentVolumeClaims.kind,
    apiVersion: formatApiVersion(resources.persistentVolumeClaims),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  const annotations = { [boundByController]: "yes", ...volume.metadata.annotations };
  return {
    ...volume,
    // One that was made for the claim stays when the claim turns out to be bound elsewhere.
    metadata: wasFor ? volume.metadata : { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef: reference },
  };
}

/** A volume that is not the claim's after all: free again, or, where a person reserved it by name, reserved still. */
export function volumeUnbound(volume: PersistentVolume): PersistentVolume {
  const { [boundByController]: isOurs, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...spec } = volume.spec ?? {};
  if (isOurs === undefined) {
    const { uid: _, ...reserved } = claimRef ?? {};
    return { ...volume, spec: { ...spec, claimRef: reserved } };
  }
  const { annotations: __, ...metadata } = volume.metadata;
  const left = Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata;
  return { ...volume, metadata: left, spec };
}

export function claimBoundTo(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): PersistentVolumeClaim | undefined {
  const { annotations = {} } = claim.metadata;
  const isNamed = claim.spec?.volumeName === volume.metadata.name;
  if (isNamed && annotations[bindCompleted] !== undefined) return undefined;
  const marks: Record<string, string> = isNamed
    ? { [bindCompleted]: "yes" }
    : { [boundByController]: "yes", [bindCompleted]: "yes" };
  return {
    ...claim,
    metadata: { ...claim.metadata, annotations: { ...marks, ...annotations } },
    spec: { ...claim.spec, volumeName: volume.metadata.name ?? "" },
  };
}

/** Throws for a volume without a capacity. */
export function claimStatus(
  { status = {} }: PersistentVolumeClaim,
  phase: string,
  volume: PersistentVolume | undefined,
): PersistentVolumeClaim["status"] {
  const { accessModes: _, capacity: __, currentVolumeAttributesClassName: ___, ...rest } = status;
  const wished = volume ? { ...rest, ...statusOfBound(status, phase, volume) } : { ...rest, phase };
  return isSameJson(wished, status) ? undefined : wished;
}

type ClaimStatus = NonNullable<PersistentVolumeClaim["status"]>;

/** Capacity and class are written as the claim becomes bound; from there on they are the resizer's. */
function statusOfBound(status: ClaimStatus, phase: string, volume: PersistentVolume): ClaimStatus {
  const { accessModes = [], capacity, volumeAttributesClassName } = volume.spec ?? {};
  const becomes = status.phase !== phase;
  if (becomes && capacity?.["storage"] === undefined) {
    throw new Error(`PersistentVolume ${JSON.stringify(volume.metadata.name)} is without a storage capacity`);
  }
  const beforeResize = volume.metadata.annotations?.[preResizeCapacity];
  const ofVolume = beforeResize === undefined ? { ...capacity } : { ...status.capacity, storage: beforeResize };
  const attributes =
    status.phase === "Pending" && phase === "Bound"
      ? volumeAttributesClassName
      : status.currentVolumeAttributesClassName;
  const size = becomes ? ofVolume : status.capacity;
  return {
    phase,
    accessModes: [...accessModes],
    ...(size && { capacity: size }),
    ...(attributes !== undefined && { currentVolumeAttributesClassName: attributes }),
  };
}
