// What can be wrong with the spec of a claim, of a PersistentVolumeClaim and of a pod's own (ephemeral) one.

import {
  child,
  entry,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
} from "../../../field-error.ts";
import type {
  ObjectMeta,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedObjectReference,
} from "../../../generated/types.ts";
import { checkDNS1123Subdomain, checkDNSLabelName, checkDNSSubdomainName } from "../../../names.ts";
import { validateAnnotations } from "../../metadata/annotations.ts";
import { validateLabelSelector, validateLabels } from "../../metadata/labels.ts";
import { reportInvalid, reportUnsupported } from "../../report.ts";
import { validateAmount, validatePositiveAmount } from "../resources/quantities.ts";

export interface ClaimSpecOptions {
  readonly allowInvalidSelectorValues?: boolean;
  readonly allowInvalidGroupOfSource?: boolean;
}

export const volumeModes: readonly string[] = ["Block", "Filesystem"];
const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export function validateClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: string,
  errors: FieldError[],
  options: ClaimSpecOptions = {},
): void {
  if (!spec.accessModes?.length) {
    errors.push(required(child(path, "accessModes"), "at least 1 access mode is required"));
  }
  const allowInvalidValues = options.allowInvalidSelectorValues ?? false;
  validateLabelSelector(spec.selector, child(path, "selector"), errors, { allowInvalidValues });
  validateAccessModes(spec.accessModes ?? [], child(path, "accessModes"), errors);
  validateStorage(spec.resources?.requests?.["storage"], entry(child(path, "resources"), "storage"), errors);
  validateClassName(spec.storageClassName, child(path, "storageClassName"), errors);
  reportUnsupported(errors, child(path, "volumeMode"), spec.volumeMode, volumeModes);
  validateSources(spec, path, errors, options);
  validateClassName(spec.volumeAttributesClassName, child(path, "volumeAttributesClassName"), errors);
}

/** Access by a single pod goes with no other mode. */
export function validateAccessModes(modes: readonly string[], path: string, errors: FieldError[]): void {
  for (const mode of modes) {
    if (!accessModes.includes(mode)) errors.push(notSupported(path, mode, accessModes));
  }
  const isShared = modes.some((mode) => mode !== "ReadWriteOncePod" && accessModes.includes(mode));
  if (isShared && modes.includes("ReadWriteOncePod")) {
    errors.push(forbiddenField(path, "may not use ReadWriteOncePod with other access modes"));
  }
}

/** Of a StorageClass or VolumeAttributesClass; none and "" are fine. */
export function validateClassName(name: string | undefined, path: string, errors: FieldError[]): void {
  if (name) reportInvalid(errors, path, name, checkDNSSubdomainName(name, false));
}

function validateStorage(amount: string | undefined, path: string, errors: FieldError[]): void {
  if (amount === undefined) errors.push(required(path));
  else if (validatePositiveAmount(amount, path, errors)) validateAmount("storage", amount, path, errors);
}

function validateSources(
  spec: PersistentVolumeClaimSpec,
  path: string,
  errors: FieldError[],
  options: ClaimSpecOptions,
): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource) validateSource(dataSource, child(path, "dataSource"), errors, options);
  if (dataSourceRef) validateSource(dataSourceRef, child(path, "dataSourceRef"), errors, options);
  if (!dataSource || !dataSourceRef) return;
  // Upstream shows a path where the value belongs, and that is an empty object in JSON.
  if (dataSourceRef.namespace) {
    errors.push(invalid(path, {}, "may not be specified when dataSourceRef.namespace is specified"));
  } else if (
    (dataSource.apiGroup ?? undefined) !== (dataSourceRef.apiGroup ?? undefined) ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  ) {
    errors.push(invalid(path, {}, "must match dataSourceRef"));
  }
}

function validateSource(
  source: TypedObjectReference,
  path: string,
  errors: FieldError[],
  options: ClaimSpecOptions,
): void {
  if (!source.name) errors.push(required(child(path, "name")));
  if (!source.kind) errors.push(required(child(path, "kind")));
  if (!source.apiGroup && source.kind !== "PersistentVolumeClaim") {
    const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalid(path, source.kind, why));
  }
  if (source.apiGroup && !options.allowInvalidGroupOfSource) {
    reportInvalid(errors, child(path, "apiGroup"), source.apiGroup, checkDNS1123Subdomain(source.apiGroup));
  }
  if (source.namespace) {
    reportInvalid(errors, child(path, "namespace"), source.namespace, checkDNSLabelName(source.namespace, false));
  }
}

/** A claim that is made for each pod: of its metadata only labels and annotations can be given. */
export function validateClaimTemplate(
  template: PersistentVolumeClaimTemplate,
  path: string,
  errors: FieldError[],
): void {
  validateTemplateMeta(template.metadata ?? {}, child(path, "metadata"), errors);
  validateClaimSpec(template.spec, child(path, "spec"), errors);
}

/** In the order, and with the first letter's case, of upstream's Go fields. */
const fixedMetaFields: readonly (readonly [field: keyof ObjectMeta, shown: string])[] = [
  ["name", "name"],
  ["generateName", "generateName"],
  ["namespace", "namespace"],
  ["selfLink", "selfLink"],
  ["uid", "uID"],
  ["resourceVersion", "resourceVersion"],
  ["generation", "generation"],
  ["creationTimestamp", "creationTimestamp"],
  ["deletionTimestamp", "deletionTimestamp"],
  ["deletionGracePeriodSeconds", "deletionGracePeriodSeconds"],
  ["ownerReferences", "ownerReferences"],
  ["finalizers", "finalizers"],
  ["managedFields", "managedFields"],
];

/** Metadata of an object that will be made, such as a claim's or a pod's in a template. */
export function validateTemplateMeta(meta: ObjectMeta, path: string, errors: FieldError[]): void {
  validateAnnotations(meta.annotations, child(path, "annotations"), errors);
  validateLabels(meta.labels, child(path, "labels"), errors);
  for (const [field, shown] of fixedMetaFields) {
    if (meta[field] !== undefined && meta[field] !== null) {
      errors.push(forbiddenField(child(path, shown), "cannot be set"));
    }
  }
}
