// The generation of a pod that changed through a subresource.

import type { DecodedPod } from "./decoded-pod.ts";
import { samePodSpec } from "./validate-pod-update.ts";

/** A changed spec is the next generation. Main resources leave that to the registry. */
export function countGeneration(pod: DecodedPod, old: DecodedPod): void {
  if (!samePodSpec(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
}
