// The volumes of a pod: names, exactly one source each, and what each kind of source asks.

import { child, duplicate, type FieldError, forbiddenField, invalid, item, required } from "../../../field-error.ts";
import type {
  EmptyDirVolumeSource,
  EphemeralVolumeSource,
  ImageVolumeSource,
  ISCSIVolumeSource,
  Volume,
} from "../../../generated/types.ts";
import { quote } from "../../../go-format.ts";
import { checkDNSSubdomainName } from "../../../names.ts";
import { parseQuantity } from "../../../quantity/parse.ts";
import { signOf } from "../../../quantity/quantity.ts";
import { validateClaimTemplate } from "../persistent-volume-claim/validate-spec.ts";
import { validatePullPolicy } from "../pod-spec/pull-policy.ts";
import {
  type ProjectedOptions,
  validateConfigMapVolume,
  validateDownwardAPIVolume,
  validateProjectedVolume,
  validateSecretVolume,
} from "./api-volumes.ts";
import { validateCSI } from "./csi.ts";
import {
  validateAWSDisk,
  validateAzureDisk,
  validateFibreChannel,
  validateGCEDisk,
  validateHostPath,
} from "./disks.ts";
import {
  validateCinder,
  validateFlexVolume,
  validateFlocker,
  validateGitRepo,
  validateNFS,
  validateQuobyte,
  validateStorageOS,
} from "./file-systems.ts";
import { validateISCSI, validateISCSISession } from "./iscsi.ts";
import { type SourceRule, validateOnlySource } from "./source-rules.ts";
import { requiring, validateLabel } from "./volume-check.ts";

export interface PodVolumeOptions extends ProjectedOptions {
  /** Of the pod the volumes are in; undefined in templates, whose pods have names of their own. */
  readonly podName: string | undefined;
  /** False in templates, where the reference of an image may still be missing. */
  readonly isPod: boolean;
}

interface PodVolumeContext extends PodVolumeOptions {
  readonly volume: Volume;
  readonly volumePath: string;
}

/** In upstream's order, of which the first source that is set is the volume's. */
const rules: readonly SourceRule<PodVolumeContext>[] = [
  { field: "emptyDir", check: validateEmptyDir },
  { field: "hostPath", check: validateHostPath },
  { field: "gitRepo", check: validateGitRepo },
  { field: "gcePersistentDisk", check: validateGCEDisk, place: "persistentDisk" },
  { field: "awsElasticBlockStore", check: validateAWSDisk },
  { field: "secret", check: validateSecretVolume },
  { field: "nfs", check: validateNFS },
  { field: "iscsi", check: validateISCSI, always: validateSession },
  { field: "glusterfs", check: requiring("endpoints", "path") },
  { field: "flocker", check: validateFlocker },
  { field: "persistentVolumeClaim", check: requiring("claimName") },
  { field: "rbd", check: requiring("monitors", "image") },
  { field: "cinder", check: validateCinder },
  { field: "cephfs", check: requiring("monitors"), name: "cephFS" },
  { field: "quobyte", check: validateQuobyte },
  { field: "downwardAPI", check: validateDownwardAPIVolume, name: "downwarAPI" },
  { field: "fc", check: validateFibreChannel },
  { field: "flexVolume", check: validateFlexVolume },
  { field: "configMap", check: validateConfigMapVolume },
  { field: "azureFile", check: requiring("secretName", "shareName") },
  { field: "vsphereVolume", check: requiring("volumePath") },
  { field: "photonPersistentDisk", check: requiring("pdID") },
  { field: "portworxVolume", check: requiring("volumeID") },
  { field: "azureDisk", check: validateAzureDisk },
  { field: "storageos", check: validateStorageOS },
  { field: "projected", check: validateProjectedVolume },
  { field: "scaleIO", check: requiring("gateway", "system", "volumeName") },
  { field: "csi", check: validateCSI },
  { field: "ephemeral", check: validateEphemeral },
  { field: "image", check: validateImage },
];

/** Checks all volumes; answers those without errors by name, for the mounts that refer to them. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
  errors: FieldError[],
  options: PodVolumeOptions,
): Map<string, Volume> {
  const sound = new Map<string, Volume>();
  const madeClaims = namesOfMadeClaims(volumes, options.podName);
  for (const [index, volume] of volumes.entries()) {
    const volumePath = item(path, index);
    const errorsBefore = errors.length;
    validateOnlySource(volume, rules, volumePath, errors, { ...options, volume, volumePath });
    if (!volume.name) errors.push(required(child(volumePath, "name")));
    else validateLabel(volume.name, child(volumePath, "name"), errors);
    if (sound.has(volume.name)) errors.push(duplicate(child(volumePath, "name"), volume.name));
    if (errors.length === errorsBefore) sound.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && madeClaims.has(claim)) {
      const why = "must not reference a PVC that gets created for an ephemeral volume";
      errors.push(invalid(child(volumePath, "persistentVolumeClaim", "claimName"), claim, why));
    }
  }
  return sound;
}

/** Claims that are made for the pod's ephemeral volumes. */
function namesOfMadeClaims(volumes: readonly Volume[], podName: string | undefined): Set<string> {
  const names = new Set<string>();
  for (const { ephemeral, name } of volumes) {
    if (ephemeral && podName) names.add(`${podName}-${name}`);
  }
  return names;
}

function validateEmptyDir({ sizeLimit }: EmptyDirVolumeSource, path: string, errors: FieldError[]): void {
  if (sizeLimit === undefined || signOf(parseQuantity(sizeLimit)) >= 0) return;
  errors.push(forbiddenField(child(path, "sizeLimit"), "SizeLimit field must be a valid resource quantity"));
}

/** The claim made for it is called after the pod and the volume. */
function validateEphemeral(
  { volumeClaimTemplate }: EphemeralVolumeSource,
  path: string,
  errors: FieldError[],
  { podName, volume: { name }, volumePath }: PodVolumeContext,
): void {
  const field = child(path, "volumeClaimTemplate");
  if (volumeClaimTemplate) validateClaimTemplate(volumeClaimTemplate, field, errors);
  else errors.push(required(field));
  if (!podName || !name) return;
  const claim = `${podName}-${name}`;
  for (const problem of checkDNSSubdomainName(claim, false)) {
    errors.push(invalid(child(volumePath, "name"), name, `PVC name ${quote(claim)}: ${problem}`));
  }
}

function validateSession(
  source: ISCSIVolumeSource,
  _path: string,
  errors: FieldError[],
  { volume, volumePath }: PodVolumeContext,
): void {
  validateISCSISession(source, volume.name, volumePath, errors);
}

function validateImage(
  { reference, pullPolicy }: ImageVolumeSource,
  path: string,
  errors: FieldError[],
  { isPod }: PodVolumeOptions,
): void {
  if (isPod && !reference) errors.push(required(child(path, "reference")));
  validatePullPolicy(pullPolicy, child(path, "pullPolicy"), errors);
}
