// Environment variables of containers: names, and the one place a value comes from.

import { child, type FieldError, invalid, item, required } from "../../../field-error.ts";
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
} from "../../../generated/types.ts";
import { checkConfigMapKey, checkDNS1123Label, checkDNSSubdomainName, checkRelaxedEnvVarName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { environmentFields, validateFieldSelector, validateResourceSelector } from "../downward-api.ts";
import { validateNoBacksteps } from "../volumes/paths.ts";

export function validateEnvironment(variables: readonly EnvVar[], path: string, errors: FieldError[]): void {
  for (const [index, { name, value, valueFrom }] of variables.entries()) {
    const namePath = `${path}[${index}].name`;
    if (!name) errors.push(required(namePath));
    else reportInvalid(errors, namePath, name, checkRelaxedEnvVarName(name));
    if (valueFrom) validateSource(valueFrom, child(item(path, index), "valueFrom"), errors, value ?? "");
  }
}

function validateSource(source: EnvVarSource, path: string, errors: FieldError[], value: string): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  if (fieldRef) validateFieldSelector(fieldRef, environmentFields, child(path, "fieldRef"), errors);
  if (resourceFieldRef) {
    validateResourceSelector(resourceFieldRef, child(path, "resourceFieldRef"), errors, { needsContainer: false });
  }
  if (configMapKeyRef) validateKey(configMapKeyRef, child(path, "configMapKeyRef"), errors);
  if (secretKeyRef) validateKey(secretKeyRef, child(path, "secretKeyRef"), errors);
  if (fileKeyRef) validateFileKey(fileKeyRef, child(path, "fileKeyRef"), errors);
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (sources === 0) {
    const choices = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    errors.push(invalid(path, "", `must specify one of: ${choices}`));
  } else if (value !== "") errors.push(invalid(path, "", "may not be specified when `value` is not empty"));
  else if (sources > 1) errors.push(invalid(path, "", "may not have more than one field specified at a time"));
}

function validateKey({ name = "", key }: ConfigMapKeySelector, path: string, errors: FieldError[]): void {
  reportInvalid(errors, child(path, "name"), name, checkDNSSubdomainName(name, false));
  if (!key) errors.push(required(child(path, "key")));
  else reportInvalid(errors, child(path, "key"), key, checkConfigMapKey(key));
}

function validateFileKey({ key, volumeName, path: file }: FileKeySelector, path: string, errors: FieldError[]): void {
  if (!key) errors.push(required(child(path, "key")));
  else reportInvalid(errors, child(path, "key"), key, checkRelaxedEnvVarName(key));
  if (!volumeName) errors.push(required(child(path, "volumeName")));
  else reportInvalid(errors, child(path, "volumeName"), volumeName, checkDNS1123Label(volumeName));
  if (!file) errors.push(required(child(path, "path")));
  else validateNoBacksteps(file, child(path, "path"), errors);
}

/** Whole ConfigMaps and Secrets. Upstream names the list as the place of what is wrong with the number of sources. */
export function validateEnvironmentFrom(sources: readonly EnvFromSource[], path: string, errors: FieldError[]): void {
  for (const [index, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const sourcePath = item(path, index);
    if (prefix) reportInvalid(errors, child(sourcePath, "prefix"), prefix, checkRelaxedEnvVarName(prefix));
    if (configMapRef) validateObjectName(configMapRef.name, child(sourcePath, "configMapRef", "name"), errors);
    if (secretRef) validateObjectName(secretRef.name, child(sourcePath, "secretRef", "name"), errors);
    if (!configMapRef && !secretRef) {
      errors.push(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (configMapRef && secretRef) {
      errors.push(invalid(path, "", "may not have more than one field specified at a time"));
    }
  }
}

function validateObjectName(name: string | undefined, path: string, errors: FieldError[]): void {
  if (!name) errors.push(required(path));
  // Upstream checks the name as if it were the prefix of one.
  else reportInvalid(errors, path, name, checkDNSSubdomainName(name, true));
}
