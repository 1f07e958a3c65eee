// From a pod's volumes to what they stand for: a claim to the persistent volume it is bound to, everything else to itself.

import { isNotFound, type PersistentVolume, type PersistentVolumeClaim, resources, type Volume } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { describeError } from "#shared";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { VolumeSpec } from "./volume.ts";

/** Throws in upstream's words where a claim is not there, not bound, or not the pod's. */
export async function resolveVolume(client: Client, pod: BoundPod, volume: Volume): Promise<VolumeSpec> {
  const { name, persistentVolumeClaim, ephemeral } = volume;
  if (!persistentVolumeClaim && !ephemeral) return { name, source: volume, readOnly: false };
  const claimName = persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${name}`;
  const { namespace } = pod.metadata;
  try {
    const claim = await client.get(resources.persistentVolumeClaims, { namespace, name: claimName });
    if (ephemeral) checkOwner(claim, pod);
    const persistentVolumeName = volumeNameOf(claim);
    const persistentVolume = await client.get(resources.persistentVolumes, { name: persistentVolumeName });
    checkBinding(claim, persistentVolume);
    const readOnly = persistentVolumeClaim?.readOnly ?? false;
    return { name, source: persistentVolume.spec, persistentVolumeName, readOnly };
  } catch (error) {
    const text = isNotFound(error)
      ? `failed to fetch PVC from API server: ${describeError(error)}`
      : describeError(error);
    throw new Error(`error processing PVC ${namespace}/${claimName}: ${text}`, { cause: error });
  }
}

function volumeNameOf(claim: PersistentVolumeClaim): string {
  if (claim.metadata.deletionTimestamp !== undefined) throw new Error("PVC is being deleted");
  const phase = claim.status?.phase ?? "";
  const volumeName = claim.spec?.volumeName ?? "";
  if (phase === "Bound" && volumeName !== "") return volumeName;
  const { namespace, name } = claim.metadata;
  throw new Error(
    `PVC ${namespace}/${name} has non-bound phase (${JSON.stringify(phase)}) or empty pvc.Spec.VolumeName (${JSON.stringify(volumeName)})`,
  );
}

function checkBinding(claim: PersistentVolumeClaim, volume: PersistentVolume): void {
  const { uid = "" } = claim.metadata;
  const bound = volume.spec?.claimRef?.uid ?? "";
  if (bound === uid) return;
  throw new Error(
    `PV ${JSON.stringify(volume.metadata.name)} spec.claimRef.uid ${JSON.stringify(bound)} does not match PVC uid ${JSON.stringify(uid)}`,
  );
}

function checkOwner(claim: PersistentVolumeClaim, pod: BoundPod): void {
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind === "Pod" && owner.uid === pod.metadata.uid) return;
  const { namespace, name } = claim.metadata;
  throw new Error(
    `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`,
  );
}
