// Which of a pod's volumes its containers use, and which of those nothing can be wrong with. Pure.

import type { Volume } from "#kubernetes/api";
import { type BoundPod, containersOf } from "../pod/bound-pod.ts";

/** The volumes some container uses; others are not set up at all, as upstream. */
export function usedVolumes(pod: BoundPod): Volume[] {
  const used = new Set<string>();
  for (const { container } of containersOf(pod.spec)) {
    for (const { name } of [...(container.volumeMounts ?? []), ...(container.volumeDevices ?? [])]) used.add(name);
    for (const { valueFrom } of container.env ?? [])
      if (valueFrom?.fileKeyRef) used.add(valueFrom.fileKeyRef.volumeName);
  }
  // An image is the runtime's to mount, container by container.
  return (pod.spec.volumes ?? []).filter((volume) => used.has(volume.name) && !volume.image);
}

/** Every namespace has it, made before any pod can be. */
const rootCa = "kube-root-ca.crt";

/**
 * Whether all volumes the pod uses come of themselves: those that name nothing somebody may have forgotten to make. What waits
 * for another volume has no sandbox meanwhile, as upstream.
 */
export function areSureToMount(pod: BoundPod): boolean {
  return usedVolumes(pod).every(({ emptyDir, downwardAPI, projected }) => {
    if (emptyDir || downwardAPI) return true;
    return projected?.sources?.every(
      (source) => source.serviceAccountToken || source.downwardAPI || source.configMap?.name === rootCa,
    );
  });
}
