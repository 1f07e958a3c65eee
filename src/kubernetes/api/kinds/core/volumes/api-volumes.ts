// Volumes whose files are made of API objects: ConfigMaps, Secrets, fields of the pod, tokens, and several of them together.

import { child, type FieldError, forbiddenField, invalid, item, required } from "../../../field-error.ts";
import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  SecretVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from "../../../generated/types.ts";
import { fileFields, validateFieldSelector, validateResourceSelector } from "../downward-api.ts";
import { validateFileMode, validateUnreservedPath } from "./paths.ts";
import { requireFields } from "./volume-check.ts";

export function validateSecretVolume(source: SecretVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["secretName"], path, errors);
  validateFiles(source, path, errors);
}

export function validateConfigMapVolume(source: ConfigMapVolumeSource, path: string, errors: FieldError[]): void {
  requireFields(source, ["name"], path, errors);
  validateFiles(source, path, errors);
}

function validateFiles(
  { defaultMode, items }: { defaultMode?: number; items?: KeyToPath[] },
  path: string,
  errors: FieldError[],
): void {
  validateFileMode(defaultMode, child(path, "defaultMode"), errors);
  for (const [index, file] of (items ?? []).entries()) validateFile(file, item(child(path, "items"), index), errors);
}

function validateFile(file: KeyToPath, path: string, errors: FieldError[]): void {
  requireFields(file, ["key", "path"], path, errors);
  validateUnreservedPath(file.path, child(path, "path"), errors);
  validateFileMode(file.mode, child(path, "mode"), errors);
}

/** Upstream names the volume, not the file, as the place of an error. */
export function validateDownwardAPIVolume(source: DownwardAPIVolumeSource, path: string, errors: FieldError[]): void {
  validateFileMode(source.defaultMode, child(path, "defaultMode"), errors);
  for (const file of source.items ?? []) validateDownwardAPIFile(file, path, errors);
}

function validateDownwardAPIFile(file: DownwardAPIVolumeFile, path: string, errors: FieldError[]): void {
  requireFields(file, ["path"], path, errors);
  validateUnreservedPath(file.path, child(path, "path"), errors);
  const { fieldRef, resourceFieldRef } = file;
  if (fieldRef) {
    validateFieldSelector(fieldRef, fileFields, child(path, "fieldRef"), errors);
    if (resourceFieldRef) {
      errors.push(invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
    }
  } else if (resourceFieldRef) {
    validateResourceSelector(resourceFieldRef, child(path, "resourceFieldRef"), errors, { needsContainer: true });
  } else errors.push(required(path, "one of fieldRef and resourceFieldRef is required"));
  validateFileMode(file.mode, child(path, "mode"), errors);
}

export interface ProjectedOptions {
  /** A token's path may be anything: the old object's already was. */
  readonly allowAnyTokenPath: boolean;
}

export function validateProjectedVolume(
  source: ProjectedVolumeSource,
  path: string,
  errors: FieldError[],
  options: ProjectedOptions,
): void {
  validateFileMode(source.defaultMode, child(path, "defaultMode"), errors);
  const paths = new Set<string>();
  /** No two files may have the same path; the error shows `value`. */
  const claimPath = (filePath: string, value: string): void => {
    if (paths.has(filePath)) errors.push(invalid(path, value, "conflicting duplicate paths"));
    else if (filePath !== "") paths.add(filePath);
  };
  for (const [index, projection] of (source.sources ?? []).entries()) {
    validateProjection(projection, {
      path,
      sourcePath: item(child(path, "sources"), index),
      errors,
      options,
      claimPath,
    });
  }
}

interface ProjectionCheck {
  /** Of the whole volume. */
  readonly path: string;
  /** Of this source. */
  readonly sourcePath: string;
  readonly errors: FieldError[];
  readonly options: ProjectedOptions;
  readonly claimPath: (filePath: string, value: string) => void;
}

function validateProjection(projection: VolumeProjection, check: ProjectionCheck): void {
  const { secret, configMap, downwardAPI, serviceAccountToken } = projection;
  const { sourcePath, errors, claimPath } = check;
  if (secret) validateProjectedFiles(secret, child(sourcePath, "secret"), check);
  if (configMap) validateProjectedFiles(configMap, child(sourcePath, "configMap"), check);
  for (const file of downwardAPI?.items ?? []) {
    validateDownwardAPIFile(file, child(sourcePath, "downwardAPI"), errors);
    claimPath(file.path, file.path);
  }
  if (serviceAccountToken) validateToken(serviceAccountToken, child(sourcePath, "serviceAccountToken"), check);
  if ([secret, configMap, downwardAPI, serviceAccountToken].filter(Boolean).length > 1) {
    errors.push(forbiddenField(sourcePath, "may not specify more than 1 volume type per source"));
  }
}

function validateProjectedFiles(
  source: { name?: string; items?: KeyToPath[] },
  path: string,
  { errors, claimPath }: ProjectionCheck,
): void {
  if (!source.name) errors.push(required(child(path, "name")));
  for (const [index, file] of (source.items ?? []).entries()) {
    validateFile(file, item(child(path, "items"), index), errors);
    claimPath(file.path, source.name ?? "");
  }
}

const leastTokenSeconds = 10 * 60;
const mostTokenSeconds = 2 ** 32;

/** Upstream names the volume as the place of a token's path. */
function validateToken(token: ServiceAccountTokenProjection, tokenPath: string, check: ProjectionCheck): void {
  const { path, errors, options } = check;
  const field = child(tokenPath, "expirationSeconds");
  const seconds = token.expirationSeconds ?? 0;
  if (seconds < leastTokenSeconds) {
    errors.push(invalid(field, seconds, "may not specify a duration less than 10 minutes"));
  }
  if (seconds > mostTokenSeconds) {
    errors.push(invalid(field, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  if (!token.path) errors.push(required(child(path, "path")));
  else if (!options.allowAnyTokenPath) validateUnreservedPath(token.path, child(path, "path"), errors);
}
