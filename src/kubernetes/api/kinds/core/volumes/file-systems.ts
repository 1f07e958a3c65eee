// Network file systems and storage systems of one maker, as sources of volumes of pods and of PersistentVolumes.

import { child, entry, type FieldError, invalid, required } from "../../../field-error.ts";
import type {
  AzureFilePersistentVolumeSource,
  CinderPersistentVolumeSource,
  CinderVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GitRepoVolumeSource,
  GlusterfsPersistentVolumeSource,
  LocalVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  StorageOSPersistentVolumeSource,
  StorageOSVolumeSource,
} from "../../../generated/types.ts";
import { checkDNSLabelName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { validateDescendingPath, validateNoBacksteps } from "./paths.ts";
import { requireFields, requireSecretIdentity, requireSecretName, validateLabel } from "./volume-check.ts";

export function validateGitRepo(source: GitRepoVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["repository"], path, errors);
  validateDescendingPath(source.directory ?? "", child(path, "directory"), errors);
}

export function validateNFS(source: NFSVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["server", "path"], path, errors);
  if (!source.path.startsWith("/")) errors.push(invalid(child(path, "path"), source.path, "must be an absolute path"));
}

export function validatePersistentGlusterfs(
  source: GlusterfsPersistentVolumeSource,
  path: string,
  errors: FieldError[],
): void {
  requireFields(source, ["endpoints", "path"], path, errors);
  const namespace = source.endpointsNamespace;
  const field = child(path, "endpointsNamespace");
  if (namespace === "") {
    errors.push(invalid(field, "", "if the endpointnamespace is set, it must be a valid namespace name"));
  } else if (namespace !== undefined) {
    reportInvalid(errors, field, namespace, checkDNSLabelName(namespace, false));
  }
}

/** A data set is named by exactly one of two identifiers. */
export function validateFlocker(source: FlockerVolumeSource, path: string, errors: FieldError[]): void {
  const { datasetName = "", datasetUUID = "" } = source;
  if (datasetName === "" && datasetUUID === "") {
    errors.push(required(path, "one of datasetName and datasetUUID is required"));
  }
  if (datasetName !== "" && datasetUUID !== "") {
    errors.push(invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"));
  }
  if (datasetName.includes("/")) {
    errors.push(invalid(child(path, "datasetName"), datasetName, "must not contain '/'"));
  }
}

export function validateCinder(source: CinderVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["volumeID"], path, errors);
  requireSecretName(source.secretRef, path, errors);
}

export function validatePersistentCinder(
  source: CinderPersistentVolumeSource,
  path: string,
  errors: FieldError[],
): void {
  requireFields(source, ["volumeID"], path, errors);
  requireSecretIdentity(source.secretRef, path, errors);
}

const longestTenant = 64;

export function validateQuobyte(source: QuobyteVolumeSource, path: string, errors: FieldError[]): void {
  const hosts = "must be a host:port pair or multiple pairs separated by commas";
  const field = child(path, "registry");
  if (!source.registry) errors.push(required(field, hosts));
  else if (Buffer.byteLength(source.tenant ?? "") > longestTenant) {
    errors.push(required(child(path, "tenant"), "must be a UUID and may not exceed a length of 64 characters"));
  } else {
    for (const pair of source.registry.split(",")) {
      if (!isHostAndPort(pair)) errors.push(invalid(field, source.registry, hosts));
    }
  }
  requireFields(source, ["volume"], path, errors);
}

/** "host:port" or "[ipv6]:port", by the rules of Go's net.SplitHostPort. */
function isHostAndPort(text: string): boolean {
  return /^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(text);
}

export function validateFlexVolume(
  source: Pick<FlexVolumeSource, "driver" | "options">,
  path: string,
  errors: FieldError[],
): void {
  requireFields(source, ["driver"], path, errors);
  for (const key of Object.keys(source.options ?? {})) {
    const domain = `.${key.split("/", 1)[0]?.toLowerCase()}`;
    if (domain.endsWith(".kubernetes.io") || domain.endsWith(".k8s.io")) {
      const why = "kubernetes.io and k8s.io namespaces are reserved";
      errors.push(invalid(entry(child(path, "options"), key), key, why));
    }
  }
}

export function validatePersistentAzureFile(
  source: AzureFilePersistentVolumeSource,
  path: string,
  errors: FieldError[],
): void {
  requireFields(source, ["secretName", "shareName"], path, errors);
  if (source.secretNamespace === "") errors.push(required(child(path, "secretNamespace")));
}

export function validateStorageOS(source: StorageOSVolumeSource, path: string, errors: FieldError[]): void {
  validateStorageOSNames(source, path, errors);
  requireSecretName(source.secretRef, path, errors);
}

export function validatePersistentStorageOS(
  source: StorageOSPersistentVolumeSource,
  path: string,
  errors: FieldError[],
): void {
  validateStorageOSNames(source, path, errors);
  requireSecretIdentity(source.secretRef, path, errors);
}

function validateStorageOSNames(
  { volumeName, volumeNamespace }: { volumeName?: string; volumeNamespace?: string },
  path: string,
  errors: FieldError[],
): void {
  if (!volumeName) errors.push(required(child(path, "volumeName")));
  else validateLabel(volumeName, child(path, "volumeName"), errors);
  if (volumeNamespace) validateLabel(volumeNamespace, child(path, "volumeNamespace"), errors);
}

export function validateLocal(source: LocalVolumeSource, path: string, errors: FieldError[]): void {
  if (!source.path) errors.push(required(child(path, "path")));
  else validateNoBacksteps(source.path, child(path, "path"), errors);
}
