// What the sources of PersistentVolumes ask, which are much like those of pods' volumes.

import { child, type FieldError, required } from "../../../field-error.ts";
import type {
  CephFSPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  RBDPersistentVolumeSource,
  ScaleIOPersistentVolumeSource,
} from "../../../generated/types.ts";
import { validatePersistentCSI } from "../volumes/csi.ts";
import {
  validateAWSDisk,
  validateAzureDisk,
  validateFibreChannel,
  validateGCEDisk,
  validateHostPath,
} from "../volumes/disks.ts";
import {
  validateFlexVolume,
  validateFlocker,
  validateLocal,
  validateNFS,
  validatePersistentAzureFile,
  validatePersistentCinder,
  validatePersistentGlusterfs,
  validatePersistentStorageOS,
  validateQuobyte,
} from "../volumes/file-systems.ts";
import { validatePersistentISCSI } from "../volumes/iscsi.ts";
import type { SourceRule } from "../volumes/source-rules.ts";
import { requiring } from "../volumes/volume-check.ts";

export interface PersistentSourceContext {
  readonly name: string;
  /** Where the spec is. */
  readonly specPath: string;
  readonly hasNodeAffinity: boolean;
}

/** In upstream's order. */
export const persistentSourceRules: readonly SourceRule<PersistentSourceContext>[] = [
  { field: "hostPath", check: validateHostPath },
  { field: "gcePersistentDisk", check: validateGCEDisk, place: "persistentDisk" },
  { field: "awsElasticBlockStore", check: validateAWSDisk },
  { field: "glusterfs", check: validatePersistentGlusterfs },
  { field: "flocker", check: validateFlocker },
  { field: "nfs", check: validateNFS },
  { field: "rbd", check: requiring<RBDPersistentVolumeSource>("monitors", "image") },
  { field: "quobyte", check: validateQuobyte },
  { field: "cephfs", check: requiring<CephFSPersistentVolumeSource>("monitors"), name: "cephFS" },
  { field: "iscsi", check: validateNamedISCSI },
  { field: "cinder", check: validatePersistentCinder },
  { field: "fc", check: validateFibreChannel },
  { field: "flexVolume", check: validateFlexVolume, mayFollow: true },
  { field: "azureFile", check: validatePersistentAzureFile },
  { field: "vsphereVolume", check: requiring("volumePath") },
  { field: "photonPersistentDisk", check: requiring("pdID") },
  { field: "portworxVolume", check: requiring("volumeID") },
  { field: "azureDisk", check: validateAzureDisk },
  { field: "scaleIO", check: requiring<ScaleIOPersistentVolumeSource>("gateway", "system", "volumeName") },
  { field: "local", check: validatePlacedLocal },
  { field: "storageos", check: validatePersistentStorageOS },
  { field: "csi", check: validatePersistentCSI },
];

function validateNamedISCSI(
  source: ISCSIPersistentVolumeSource,
  path: string,
  errors: FieldError[],
  { name }: PersistentSourceContext,
): void {
  validatePersistentISCSI(source, name, path, errors);
}

/** A disk of one node must say of which. */
function validatePlacedLocal(
  source: LocalVolumeSource,
  path: string,
  errors: FieldError[],
  { specPath, hasNodeAffinity }: PersistentSourceContext,
): void {
  validateLocal(source, path, errors);
  if (!hasNodeAffinity) errors.push(required(child(specPath, "nodeAffinity"), "Local volume requires node affinity"));
}
