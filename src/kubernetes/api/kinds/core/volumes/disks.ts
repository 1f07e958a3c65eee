// Disks of clouds, hosts and storage networks, as sources of volumes of pods and of PersistentVolumes.

import { child, type FieldError, invalid, notSupported, required } from "../../../field-error.ts";
import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
} from "../../../generated/types.ts";
import { reportUnsupported } from "../../report.ts";
import { validateNoBacksteps } from "./paths.ts";
import { requireFields, validateLun, validatePartition } from "./volume-check.ts";

const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

export function validateHostPath(source: HostPathVolumeSource, path: string, errors: FieldError[]): void {
  if (!source.path) {
    errors.push(required(child(path, "path")));
    return;
  }
  validateNoBacksteps(source.path, child(path, "path"), errors);
  reportUnsupported(errors, child(path, "type"), source.type, hostPathTypes);
}

export function validateGCEDisk(source: GCEPersistentDiskVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["pdName"], path, errors);
  validatePartition(source.partition, path, errors);
}

export function validateAWSDisk(source: AWSElasticBlockStoreVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["volumeID"], path, errors);
  validatePartition(source.partition, path, errors);
}

const managedDisk = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const blobDisk = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

export function validateAzureDisk(source: AzureDiskVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["diskName", "diskURI"], path, errors);
  const { cachingMode, kind, diskURI = "" } = source;
  reportUnsupported(errors, child(path, "cachingMode"), cachingMode, ["None", "ReadOnly", "ReadWrite"]);
  reportUnsupported(errors, child(path, "kind"), kind, ["Dedicated", "Managed", "Shared"]);
  if (kind === undefined) return;
  const [start, form] = kind === "Managed" ? ["/subscriptions/", managedDisk] : ["https://", blobDisk];
  if (!diskURI.startsWith(start)) errors.push(notSupported(child(path, "diskURI"), diskURI, [form]));
}

/** Targets are named by either of two kinds of worldwide identifiers. */
export function validateFibreChannel(source: FCVolumeSource, path: string, errors: FieldError[]): void {
  const { targetWWNs = [], wwids = [], lun } = source;
  const field = child(path, "targetWWNs");
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(required(field, "must specify either targetWWNs or wwids, but not both"));
  }
  if (targetWWNs.length === 0) return;
  if (wwids.length > 0) {
    errors.push(invalid(field, targetWWNs, "targetWWNs and wwids can not be specified simultaneously"));
  }
  if (lun === undefined) errors.push(required(child(path, "lun"), "lun is required if targetWWNs is specified"));
  else validateLun(lun, path, errors);
}
