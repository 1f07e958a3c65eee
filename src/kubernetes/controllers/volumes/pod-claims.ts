// Which claims a pod uses.

import { formatKey, type PersistentVolumeClaim, type Pod } from "#kubernetes/api";
import type { Informer, Lister } from "#kubernetes/client";

type Volume = NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number];

/** The name of the claim behind a volume of a pod; generic ephemeral volumes have one named after both. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined;
}

/** "namespace/name" of each. */
export function claimKeysOf(pod: Pod): string[] {
  const { namespace } = pod.metadata;
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(pod, volume);
    return name === undefined ? [] : [formatKey({ namespace, name })];
  });
}

const indexName = "claim";

/** Adds the index podsUsing uses. */
export function indexByClaim(pods: Informer<Pod>): Informer<Pod> {
  pods.addIndex(indexName, claimKeysOf);
  return pods;
}

export function podsUsing(pods: Lister<Pod>, claimKey: string): readonly Pod[] {
  return pods.byIndex(indexName, claimKey);
}

/** Whether a claim was made for a generic ephemeral volume of this very pod. */
export function isMadeForPod(claim: PersistentVolumeClaim, pod: Pod): boolean {
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller);
  return owner?.uid === pod.metadata.uid && claim.metadata.namespace === pod.metadata.namespace;
}
