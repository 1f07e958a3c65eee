// What can be wrong with the spec of a PersistentVolume, of its own or inline in a VolumeAttachment.

import { posix } from "node:path";
import { child, entry, type FieldError, forbiddenField, notSupported, required } from "../../../field-error.ts";
import type { PersistentVolumeSpec, VolumeNodeAffinity } from "../../../generated/types.ts";
import { reportUnsupported } from "../../report.ts";
import { internalForm } from "../../values/internal-form.ts";
import { validateAccessModes, validateClassName, volumeModes } from "../persistent-volume-claim/validate-spec.ts";
import { validatePositiveAmount, validateWholeAmount } from "../resources/quantities.ts";
import { validateNodeSelector } from "../scheduling/node-selector.ts";
import { validateOnlySource } from "../volumes/source-rules.ts";
import { persistentSourceRules } from "./persistent-volume-sources.ts";

export interface PersistentVolumeOptions {
  /** Of the volume; "" where the spec is inline. */
  readonly name: string;
  /** The spec of a volume that is not in the API: it has a CSI driver, and neither capacity nor claim. */
  readonly isInline?: boolean;
  readonly allowInvalidNodeSelectorValues?: boolean;
}

const reclaimPolicies = ["Delete", "Recycle", "Retain"];
const inline = "in the context of inline volumes";

export function validatePersistentVolumeSpec(
  spec: PersistentVolumeSpec,
  path: string,
  errors: FieldError[],
  options: PersistentVolumeOptions,
): void {
  const { isInline = false, name } = options;
  if (isInline) validateInline(spec, path, errors);
  if (!spec.accessModes?.length) errors.push(required(child(path, "accessModes")));
  validateAccessModes(spec.accessModes ?? [], child(path, "accessModes"), errors);
  if (!isInline) validateCapacity(spec.capacity ?? {}, child(path, "capacity"), errors);
  validateReclaimPolicy(spec, child(path, "persistentVolumeReclaimPolicy"), errors, isInline);
  validateNodeAffinity(spec.nodeAffinity, child(path, "nodeAffinity"), errors, options);
  const hasNodeAffinity = spec.nodeAffinity !== undefined && !isInline;
  validateOnlySource(spec, persistentSourceRules, path, errors, { name, specPath: path, hasNodeAffinity });
  if (spec.persistentVolumeReclaimPolicy === "Recycle" && isRoot(spec.hostPath?.path)) {
    const why = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbiddenField(child(path, "persistentVolumeReclaimPolicy"), why));
  }
  validateClassAndMode(spec, path, errors, isInline);
  if (!isInline) validateAttributesClass(spec, path, errors);
}

function validateInline(spec: PersistentVolumeSpec, path: string, errors: FieldError[]): void {
  if (spec.claimRef) errors.push(forbiddenField(child(path, "claimRef"), `may not be specified ${inline}`));
  if (Object.keys(spec.capacity ?? {}).length > 0) {
    errors.push(forbiddenField(child(path, "capacity"), `may not be specified ${inline}`));
  }
  if (!spec.csi) errors.push(required(child(path, "csi"), `has to be specified ${inline}`));
}

/** Of storage, and nothing else. */
function validateCapacity(capacity: Readonly<Record<string, string>>, path: string, errors: FieldError[]): void {
  const resources = Object.keys(capacity);
  if (resources.length === 0) errors.push(required(path));
  if (resources.length !== 1 || resources[0] !== "storage") {
    const shown = resources.length === 0 ? undefined : capacity;
    errors.push(notSupported(path, internalForm("map:quantity", shown), ["storage"]));
  }
  for (const [resource, amount] of Object.entries(capacity)) {
    validateWholeAmount(amount, entry(path, resource), errors);
    validatePositiveAmount(amount, entry(path, resource), errors);
  }
}

function validateReclaimPolicy(
  { persistentVolumeReclaimPolicy: policy }: PersistentVolumeSpec,
  path: string,
  errors: FieldError[],
  isInline: boolean,
): void {
  if (!policy) return;
  if (!isInline) reportUnsupported(errors, path, policy, reclaimPolicies);
  else if (policy !== "Retain") errors.push(forbiddenField(path, `may only be Retain ${inline}`));
}

function validateNodeAffinity(
  affinity: VolumeNodeAffinity | undefined,
  path: string,
  errors: FieldError[],
  { isInline, allowInvalidNodeSelectorValues: allowInvalidValues = false }: PersistentVolumeOptions,
): void {
  if (!affinity) return;
  if (isInline) errors.push(forbiddenField(path, `may not be specified ${inline}`));
  else if (!affinity.required) errors.push(required(child(path, "required"), "must specify required node constraints"));
  else validateNodeSelector(affinity.required, child(path, "required"), errors, { allowInvalidValues });
}

function validateClassAndMode(
  { storageClassName, volumeMode }: PersistentVolumeSpec,
  path: string,
  errors: FieldError[],
  isInline: boolean,
): void {
  const [classPath, modePath] = [child(path, "storageClassName"), child(path, "volumeMode")];
  if (!isInline) {
    validateClassName(storageClassName, classPath, errors);
    reportUnsupported(errors, modePath, volumeMode, volumeModes);
    return;
  }
  if (storageClassName) errors.push(forbiddenField(classPath, `may not be specified ${inline}`));
  if (volumeMode !== undefined && volumeMode !== "Filesystem") {
    errors.push(forbiddenField(modePath, `may not specify volumeMode other than Filesystem ${inline}`));
  }
}

function validateAttributesClass(
  { volumeAttributesClassName: name, csi }: PersistentVolumeSpec,
  path: string,
  errors: FieldError[],
): void {
  if (name === undefined) return;
  const field = child(path, "volumeAttributesClassName");
  if (name === "") errors.push(required(field, "an empty string is disallowed"));
  validateClassName(name, field, errors);
  if (!csi) errors.push(required(child(path, "csi"), "has to be specified when using volumeAttributesClassName"));
}

function isRoot(path: string | undefined): boolean {
  return path !== undefined && posix.normalize(path) === "/";
}
