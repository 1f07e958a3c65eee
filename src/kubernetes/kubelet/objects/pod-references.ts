// Which ConfigMaps and Secrets a pod uses: in volumes, variables, and to pull its images.

import type { Volume } from "#kubernetes/api";
import { type BoundPod, containersOf } from "../pod/bound-pod.ts";

export interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly namespace: string;
  readonly name: string;
}

/** Each once. */
export function referencesOf(pod: BoundPod): Reference[] {
  const found = new Map<string, Reference>();
  const { namespace } = pod.metadata;
  const add = (kind: Reference["kind"], name: string | undefined) => {
    if (name) found.set(`${kind}/${name}`, { kind, namespace, name });
  };
  for (const { name } of pod.spec.imagePullSecrets ?? []) add("Secret", name);
  for (const { container } of containersOf(pod.spec)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add("ConfigMap", configMapRef?.name);
      add("Secret", secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add("ConfigMap", valueFrom?.configMapKeyRef?.name);
      add("Secret", valueFrom?.secretKeyRef?.name);
    }
  }
  for (const volume of pod.spec.volumes ?? []) addVolume(volume, add);
  return [...found.values()];
}

function addVolume(volume: Volume, add: (kind: Reference["kind"], name: string | undefined) => void): void {
  add("ConfigMap", volume.configMap?.name);
  add("Secret", volume.secret?.secretName);
  add("Secret", volume.csi?.nodePublishSecretRef?.name);
  for (const { configMap, secret } of volume.projected?.sources ?? []) {
    add("ConfigMap", configMap?.name);
    add("Secret", secret?.name);
  }
}
