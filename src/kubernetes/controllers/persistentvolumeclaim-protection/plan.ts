// Whether a pod keeps a claim from going. Pure.

import type { PersistentVolumeClaim, Pod } from "#kubernetes/api";
import { claimNameOf, isMadeForPod } from "../volumes/pod-claims.ts";

/** It is on a node and names the claim; a claim made for the pod itself goes with it. */
export function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec?.nodeName) return false;
  return (pod.spec.volumes ?? []).some((volume) => {
    if (claimNameOf(pod, volume) !== claim.metadata.name) return false;
    return !volume.ephemeral || (!isShutDown(pod) && isMadeForPod(claim, pod));
  });
}

/** Nothing of it runs any more. */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}
