// Defaults of volumes, of pods and of PersistentVolumes: files' modes, names of parts, an empty folder where nothing is said.

import type {
  AzureDiskVolumeSource,
  DownwardAPIVolumeFile,
  HostPathVolumeSource,
  ISCSIVolumeSource,
  PersistentVolumeClaimSpec,
  ProjectedVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  Volume,
} from "../../../generated/types.ts";
import { defaultPullPolicy } from "../pod-spec/pull-policy.ts";
import { roundUpAmounts } from "../resources/quantities.ts";

const defaultFileMode = 0o644;
const defaultTokenSeconds = 3600;

export function setVolumeDefaults(volume: Volume): void {
  if (hasNoSource(volume)) volume.emptyDir = {};
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference ?? "");
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected]) {
    if (source) source.defaultMode ??= defaultFileMode;
  }
  setFileDefaults(volume.downwardAPI?.items);
  if (volume.projected) setProjectionDefaults(volume.projected);
  const claim = volume.ephemeral?.volumeClaimTemplate;
  if (claim) setClaimSpecDefaults(claim.spec);
  setSourceDefaults(volume);
}

function hasNoSource(volume: Volume): boolean {
  for (const field in volume) if (field !== "name" && volume[field as keyof Volume] !== undefined) return false;
  return true;
}

function setProjectionDefaults({ sources }: ProjectedVolumeSource): void {
  for (const { downwardAPI, serviceAccountToken } of sources ?? []) {
    setFileDefaults(downwardAPI?.items);
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= defaultTokenSeconds;
  }
}

function setFileDefaults(files: readonly DownwardAPIVolumeFile[] | undefined): void {
  for (const { fieldRef } of files ?? []) if (fieldRef) fieldRef.apiVersion ||= "v1";
}

/** The sources that volumes of pods and PersistentVolumes share, or have alike. */
export interface SharedSources {
  hostPath?: HostPathVolumeSource;
  rbd?: Pick<RBDVolumeSource, "pool" | "user" | "keyring">;
  iscsi?: Pick<ISCSIVolumeSource, "iscsiInterface">;
  azureDisk?: AzureDiskVolumeSource;
  scaleIO?: Pick<ScaleIOVolumeSource, "storageMode" | "fsType">;
}

export function setSourceDefaults({ hostPath, rbd, iscsi, azureDisk, scaleIO }: SharedSources): void {
  if (hostPath) hostPath.type ??= "";
  if (iscsi) iscsi.iscsiInterface ||= "default";
  if (rbd) {
    rbd.pool ||= "rbd";
    rbd.user ||= "admin";
    rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= "ReadWrite";
    azureDisk.fsType ??= "ext4";
    azureDisk.readOnly ??= false;
    azureDisk.kind ??= "Shared";
  }
  if (scaleIO) {
    scaleIO.storageMode ||= "ThinProvisioned";
    scaleIO.fsType ||= "xfs";
  }
}

/** Of PersistentVolumeClaims and of the claims made for pods. */
export function setClaimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= "Filesystem";
  roundUpAmounts(spec.resources?.limits);
  roundUpAmounts(spec.resources?.requests);
}
