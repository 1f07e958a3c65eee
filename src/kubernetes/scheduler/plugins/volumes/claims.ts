// Claims and volumes, as all the volume plug-ins read them.

import type { ObjectMeta, PersistentVolume, PersistentVolumeClaim, Pod, Volume } from "#kubernetes/api";

const classAnnotation = "volume.beta.kubernetes.io/storage-class";
const bindCompletedAnnotation = "pv.kubernetes.io/bind-completed";

/** A volume of a pod that stands for a claim. */
export interface ClaimVolume {
  readonly claimName: string;
  /** Whether the claim is made for the pod, and goes with it. */
  readonly isEphemeral: boolean;
}

/** undefined where the volume is of another kind. */
export function claimVolumeOf(pod: Pod, volume: Volume): ClaimVolume | undefined {
  if (volume.persistentVolumeClaim) return { claimName: volume.persistentVolumeClaim.claimName, isEphemeral: false };
  if (volume.ephemeral) return { claimName: `${pod.metadata.name}-${volume.name}`, isEphemeral: true };
  return undefined;
}

const none: readonly never[] = [];

export function volumesOf({ spec }: Pod): readonly Volume[] {
  return spec?.volumes ?? none;
}

/** The claims a pod's volumes stand for. */
export function claimVolumesOf(pod: Pod): readonly ClaimVolume[] {
  const volumes = volumesOf(pod);
  return volumes.length === 0 ? none : volumes.flatMap((volume) => claimVolumeOf(pod, volume) ?? []);
}

/** What is wrong where an ephemeral volume finds a claim of its name that was not made for it; undefined where all is well. */
export function ownershipProblem(
  { metadata: pod }: Pod,
  { metadata: claim }: PersistentVolumeClaim,
): string | undefined {
  const owner = claim.ownerReferences?.find(({ controller }) => controller);
  if (claim.namespace === pod.namespace && owner?.uid === pod.uid) return undefined;
  const created = `PVC ${claim.namespace}/${claim.name} was not created for pod ${pod.namespace}/${pod.name}`;
  return `${created} (pod is not owner)`;
}

/** "" where it has none. */
export function storageClassOf({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata.annotations?.[classAnnotation] ?? spec?.storageClassName ?? "";
}

/** Whether nothing about the binding of the claim is left to do. */
export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return Boolean(spec?.volumeName) && metadata.annotations?.[bindCompletedAnnotation] !== undefined;
}

/** The words of an API server about something that is not there. */
export function notFoundMessage(kind: string, name: string): string {
  return `${kind} ${JSON.stringify(name)} not found`;
}

/** Whether the pod uses the claim. */
export function usesClaim(pod: Pod, { namespace, name }: ObjectMeta, { ephemeralToo = true } = {}): boolean {
  if (pod.metadata.namespace !== namespace) return false;
  return claimVolumesOf(pod).some(({ claimName, isEphemeral }) => claimName === name && (ephemeralToo || !isEphemeral));
}
