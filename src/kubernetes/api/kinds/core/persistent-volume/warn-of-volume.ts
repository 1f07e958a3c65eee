// Warnings about PersistentVolumes: deprecated annotations, policies and kinds of volumes.

import { item } from "../../../field-error.ts";
import { warnOfNodeSelectorTerm } from "../scheduling/deprecated-labels.ts";
import type { DecodedPersistentVolume } from "./persistent-volume.ts";

const deprecatedAnnotations = [
  ["volume.beta.kubernetes.io/storage-class", 'deprecated since v1.8; use "storageClassName" attribute instead'],
  ["volume.beta.kubernetes.io/mount-options", 'deprecated since v1.31; use "mountOptions" attribute instead'],
] as const;

/** With the name in the warning where that differs. */
const deprecatedSources = [
  ["cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"],
] as const;

export function warnOfPersistentVolume({ metadata, spec }: DecodedPersistentVolume): string[] {
  const warnings: string[] = [];
  for (const [annotation, why] of deprecatedAnnotations) {
    if (metadata.annotations?.[annotation] !== undefined) {
      warnings.push(`metadata.annotations[${annotation}]: ${why}`);
    }
  }
  if (spec.persistentVolumeReclaimPolicy === "Recycle") {
    const why =
      "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
    warnings.push(`spec.persistentVolumeReclaimPolicy: ${why}`);
  }
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    warnOfNodeSelectorTerm(term, item("spec.nodeAffinity.required.nodeSelectorTerms", index), warnings);
  }
  for (const [source, name, why] of deprecatedSources) if (spec[source]) warnings.push(`spec.${name}: ${why}`);
  return warnings;
}
