// The claims of a pod's generic ephemeral volumes. Pure.

import type { PersistentVolumeClaim, Pod } from "#kubernetes/api";
import { claimNameOf, isMadeForPod } from "../volumes/pod-claims.ts";

export interface EphemeralClaim {
  readonly volume: string;
  readonly claim: PersistentVolumeClaim;
}

export function hasEphemeralVolumes({ metadata, spec }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && (spec?.volumes?.some(({ ephemeral }) => ephemeral) ?? false);
}

/** Those to create, in order. Throws, beginning with the volume, where a claim of that name is not the pod's. */
export function missingClaims(
  pod: Pod,
  claimOf: (name: string) => PersistentVolumeClaim | undefined,
): EphemeralClaim[] {
  const missing: EphemeralClaim[] = [];
  const { name: podName = "", namespace = "", uid = "" } = pod.metadata;
  for (const volume of pod.spec?.volumes ?? []) {
    const { ephemeral, name } = volume;
    if (!ephemeral) continue;
    const claimName = claimNameOf(pod, volume) ?? "";
    const present = claimOf(claimName);
    if (present && !isMadeForPod(present, pod)) {
      const refusal = `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${podName} (pod is not owner)`;
      throw new Error(`ephemeral volume ${name}: ${refusal}`);
    }
    if (present) continue;
    const { metadata = {}, spec } = ephemeral.volumeClaimTemplate ?? {};
    const owner = { apiVersion: "v1", kind: "Pod", name: podName, uid, controller: true, blockOwnerDeletion: true };
    const claim: PersistentVolumeClaim = {
      metadata: {
        name: claimName,
        namespace,
        ownerReferences: [owner],
        ...(metadata.annotations && { annotations: { ...metadata.annotations } }),
        ...(metadata.labels && { labels: { ...metadata.labels } }),
      },
      spec: structuredClone(spec ?? {}),
    };
    missing.push({ volume: name, claim });
  }
  return missing;
}
