// What a pod makes its node need: the Secrets, ConfigMaps, claims and accounts its spec names.

import type { Container, Pod, Volume } from "#kubernetes/api";

/** A resource and the name of an object of it in the pod's namespace. */
export type Reference = readonly [
  resource: "secrets" | "configmaps" | "persistentvolumeclaims" | "serviceaccounts" | "resourceclaims",
  name: string,
];

/** Every reference once or more; names may be empty where a spec leaves them out. */
export function* podReferences(pod: Pod): Iterable<Reference> {
  const { spec } = pod;
  if (!spec) return;
  if (spec.serviceAccountName) yield ["serviceaccounts", spec.serviceAccountName];
  for (const { name } of spec.imagePullSecrets ?? []) yield ["secrets", name ?? ""];
  const containers = [spec.initContainers, spec.containers, spec.ephemeralContainers];
  for (const container of containers.flatMap((list) => list ?? [])) yield* containerReferences(container);
  for (const volume of spec.volumes ?? []) yield* volumeReferences(volume, pod.metadata.name ?? "");
  for (const claim of spec.resourceClaims ?? []) {
    const made = pod.status?.resourceClaimStatuses?.find((status) => status.name === claim.name);
    yield ["resourceclaims", claim.resourceClaimName ?? made?.resourceClaimName ?? ""];
  }
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  if (extended) yield ["resourceclaims", extended];
}

function* containerReferences(container: Pick<Container, "env" | "envFrom">): Iterable<Reference> {
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    if (secretRef) yield ["secrets", secretRef.name ?? ""];
    if (configMapRef) yield ["configmaps", configMapRef.name ?? ""];
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.secretKeyRef) yield ["secrets", valueFrom.secretKeyRef.name ?? ""];
    if (valueFrom?.configMapKeyRef) yield ["configmaps", valueFrom.configMapKeyRef.name ?? ""];
  }
}

function* volumeReferences(volume: Volume, podName: string): Iterable<Reference> {
  if (volume.secret) yield ["secrets", volume.secret.secretName ?? ""];
  if (volume.configMap) yield ["configmaps", volume.configMap.name ?? ""];
  if (volume.persistentVolumeClaim) yield ["persistentvolumeclaims", volume.persistentVolumeClaim.claimName];
  if (volume.ephemeral) yield ["persistentvolumeclaims", `${podName}-${volume.name}`];
  if (volume.azureFile) yield ["secrets", volume.azureFile.secretName];
  for (const source of volume.projected?.sources ?? []) {
    if (source.secret) yield ["secrets", source.secret.name ?? ""];
    if (source.configMap) yield ["configmaps", source.configMap.name ?? ""];
  }
  const { cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos, csi } = volume;
  const withSecret = [cephfs, cinder, flexVolume, rbd, scaleIO, iscsi, storageos];
  for (const source of withSecret) if (source?.secretRef) yield ["secrets", source.secretRef.name ?? ""];
  if (csi?.nodePublishSecretRef) yield ["secrets", csi.nodePublishSecretRef.name ?? ""];
}

/** The Secrets ("namespace/name") a persistent volume's source names; those without a namespace are the claim's neighbours. */
export function volumeSecrets(spec: object, claimNamespace: string): string[] {
  const secrets: string[] = [];
  for (const source of Object.values(spec)) {
    if (typeof source !== "object" || source === null) continue;
    for (const [field, value] of Object.entries(source)) {
      if (!/[sS]ecretRef$/.test(field) || typeof value !== "object" || value === null) continue;
      const { name, namespace } = value as { name?: string; namespace?: string };
      if (name) secrets.push(`${namespace || claimNamespace}/${name}`);
    }
    const { secretName, secretNamespace } = source as { secretName?: string; secretNamespace?: string };
    if (secretName) secrets.push(`${secretNamespace || claimNamespace}/${secretName}`);
  }
  return secrets;
}
