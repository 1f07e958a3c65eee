// From a pod's volumes to what they stand for: a claim to the persistent volume it is bound to, everything else to itself.

import { type PersistentVolume, type PersistentVolumeClaim, resources, type Volume } from "#kubernetes/api";
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
    const claim = await client.get(resources.persistentVolumeClaims, { namespace, name: claimName }).catch((error) => {
      throw new Error(`failed to fetch PVC from API server: ${describeError(error)}`, { cause: error });
    });
    if (ephemeral) checkOwner(claim, pod);
    const persistentVolumeName = volumeNameOf(claim);
    const key = { name: persistentVolumeName };
    const persistentVolume = await client.get(resources.persistentVolumes, key).catch((error) => {
      const what = `failed to fetch PV ${persistentVolumeName} from API server`;
      throw new Error(`${what}: ${describeError(error)}`, { cause: error });
    });
    checkBinding(claim, persistentVolume);
    const readOnly = persistentVolumeClaim?.readOnly ?? false;
    return { name, source: persistentVolume.spec, persistentVolumeName, readOnly };
  } catch (error) {
    throw new Error(`error processing PVC ${namespace}/${claimName}: ${describeError(error)}`, { cause: error });
  }
}

function volumeNameOf(claim: PersistentVolumeClaim): string {
  const { deletionTimestamp, finalizers = [] } = claim.metadata;
  // A protected claim stays for as long as pods use it.
  if (deletionTimestamp !== undefined && !finalizers.includes("kubernetes.io/pvc-protection")) {
    throw new Error("PVC is being deleted");
  }
  if (claim.status?.phase !== "Bound") throw new Error("PVC is not bound");
  if (!claim.spec?.volumeName) throw new Error("PVC has empty pvc.Spec.VolumeName");
  return claim.spec.volumeName;
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
