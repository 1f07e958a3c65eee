// When a volume is to be made for a claim, what it is then, and when it is to be removed: the protocol between the volume controller
// and provisioners, as upstream's library for external provisioners keeps it. Pure.

import { type PersistentVolume, type PersistentVolumeClaim, resources, type StorageClass } from "#kubernetes/api";
import { referenceTo } from "#kubernetes/runtime";

const selectedNode = "volume.kubernetes.io/selected-node";
const wantedProvisioner = ["volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner"];
const betaClass = "volume.beta.kubernetes.io/storage-class";
const provisionedBy = "pv.kubernetes.io/provisioned-by";
const hostnameLabel = "kubernetes.io/hostname";
/** Keeps a volume's object until what is behind it is gone. */
export const folderFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";

/** The node a volume is to be made on now, by this provisioner; undefined: none. */
export function nodeToProvisionOn({ metadata, spec }: PersistentVolumeClaim, provisioner: string): string | undefined {
  const { annotations = {}, deletionTimestamp } = metadata;
  const isAsked = wantedProvisioner.some((key) => annotations[key] === provisioner);
  if (!isAsked || spec?.volumeName || deletionTimestamp !== undefined) return undefined;
  return annotations[selectedNode] || undefined;
}

export function volumeNameFor({ metadata }: PersistentVolumeClaim): string {
  return `pvc-${metadata.uid}`;
}

export function classNameOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[betaClass] ?? spec?.storageClassName ?? "";
}

/** Why a folder will not do for the claim; undefined: it will. */
export function whyNot({ spec }: PersistentVolumeClaim): string | undefined {
  if (spec?.volumeMode === "Block") return "a folder cannot be a block device: only volumeMode Filesystem is supported";
  const shared = (spec?.accessModes ?? []).filter((mode) => !mode.startsWith("ReadWriteOnce"));
  if (shared.length > 0) return `a folder of one node cannot be shared: ${shared.join(", ")} is not supported`;
  if (spec?.dataSource || spec?.dataSourceRef) return "volumes cannot be filled from a data source";
  return undefined;
}

export interface VolumePlace {
  readonly provisioner: string;
  /** The value of the node's label kubernetes.io/hostname. */
  readonly hostname: string;
  readonly path: string;
}

export function planVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  place: VolumePlace,
): PersistentVolume {
  const { reclaimPolicy = "Delete", mountOptions } = storageClass;
  const { provisioner, hostname, path } = place;
  const expression = { key: hostnameLabel, operator: "In", values: [hostname] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: volumeNameFor(claim),
      annotations: { [provisionedBy]: provisioner },
      ...(reclaimPolicy === "Delete" && { finalizers: [folderFinalizer] }),
    },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.["storage"] ?? "0" },
      accessModes: [...(claim.spec?.accessModes ?? [])],
      claimRef: referenceTo(resources.persistentVolumeClaims, claim),
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: classNameOf(claim),
      volumeMode: "Filesystem",
      ...(mountOptions && { mountOptions }),
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
    },
  };
}

/** The hostname a volume of this provisioner is tied to; undefined: the volume is somebody else's. */
export function hostnameOfVolume({ metadata, spec }: PersistentVolume, provisioner: string): string | undefined {
  if (metadata.annotations?.[provisionedBy] !== provisioner || !spec?.local) return undefined;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms[0]?.matchExpressions?.find(({ key }) => key === hostnameLabel)?.values?.[0];
}

/**
 * What to do about a volume that is there: "remove" the folder, then the object; only let go of the object where its folder is to
 * be kept; nothing.
 */
export function planRemoval({ metadata, spec, status }: PersistentVolume): "remove" | "release" | "nothing" {
  const isHeld = metadata.finalizers?.includes(folderFinalizer) ?? false;
  const isFree = status?.phase === "Released" || status?.phase === "Failed";
  if (spec?.persistentVolumeReclaimPolicy === "Delete") {
    const isUnclaimed = metadata.deletionTimestamp !== undefined && !spec.claimRef;
    return isFree || isUnclaimed ? "remove" : "nothing";
  }
  return metadata.deletionTimestamp !== undefined && isHeld ? "release" : "nothing";
}
