// References to kubelet configurations in ConfigMaps: a removed feature whose fields old nodes may still have.

import { child, type FieldError, forbiddenField, invalid, required } from "../../../field-error.ts";
import type { ConfigMapNodeConfigSource, NodeConfigSource, NodeConfigStatus } from "../../../generated/types.ts";
import { checkConfigMapKey, checkDNSLabelName, checkDNSSubdomainName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { internalForm } from "../../values/internal-form.ts";

/** In the spec, which names what is wanted, whichever version that has. */
export function validateConfigSource(source: NodeConfigSource, path: string, errors: FieldError[]): void {
  const { configMap } = source;
  if (!configMap) {
    reportMissing(source, path, errors);
    return;
  }
  const mapPath = child(path, "configMap");
  if (configMap.uid) errors.push(forbiddenField(child(mapPath, "uid"), "uid must not be set in spec"));
  if (configMap.resourceVersion) {
    errors.push(forbiddenField(child(mapPath, "resourceVersion"), "resourceVersion must not be set in spec"));
  }
  validateReference(configMap, mapPath, errors);
}

/** In the status, which tells exactly what is used. */
export function validateConfigStatus(status: NodeConfigStatus, path: string, errors: FieldError[]): void {
  for (const field of ["assigned", "active", "lastKnownGood"] as const) {
    const source = status[field];
    if (source) validateUsedSource(source, child(path, field), errors);
  }
}

function validateUsedSource(source: NodeConfigSource, path: string, errors: FieldError[]): void {
  const { configMap } = source;
  if (!configMap) {
    reportMissing(source, path, errors);
    return;
  }
  const mapPath = child(path, "configMap");
  for (const field of ["uid", "resourceVersion"] as const) {
    if (!configMap[field]) errors.push(required(child(mapPath, field)));
  }
  validateReference(configMap, mapPath, errors);
}

function reportMissing(source: NodeConfigSource, path: string, errors: FieldError[]): void {
  const shown = internalForm("NodeConfigSource", source);
  errors.push(invalid(path, shown, "exactly one reference subfield must be non-nil"));
}

function validateReference(source: ConfigMapNodeConfigSource, path: string, errors: FieldError[]): void {
  const checks = {
    namespace: (value: string) => checkDNSLabelName(value, false),
    name: (value: string) => checkDNSSubdomainName(value, false),
    kubeletConfigKey: checkConfigMapKey,
  };
  for (const field of ["namespace", "name", "kubeletConfigKey"] as const) {
    const value = source[field];
    if (!value) errors.push(required(child(path, field)));
    else reportInvalid(errors, child(path, field), value, checks[field](value));
  }
}
