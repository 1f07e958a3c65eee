// Checks of metadata, the same for all kinds (apimachinery's api/validation/objectmeta.go), and which of them the API server
// makes when: on create with the kind's own rule for names, on update the generic rules and those of the change.

import { child, type FieldError, forbiddenField, invalid, item, required } from "../../field-error.ts";
import type { ObjectMeta } from "../../generated/types.ts";
import {
  checkDNSLabelName,
  checkDNSSubdomainName,
  checkPathSegmentName,
  checkPathSegmentPrefix,
  negativeError,
} from "../../names.ts";
import { immutableError, reportInvalid } from "../report.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateAnnotations } from "./annotations.ts";
import { validateFinalizers, validateNoNewFinalizers, validateStandardFinalizer } from "./finalizers.ts";
import { validateLabels } from "./labels.ts";
import { validateManagedFields } from "./managed-fields.ts";
import { validateOwnerReferences } from "./owner-references.ts";

export interface ObjectMetaRules {
  readonly namespaced: boolean;
  /** Default: a DNS subdomain. */
  readonly validateName?: ((name: string, isPrefix: boolean) => string[]) | undefined;
  /** Finalizers without a domain must be standard ones. Default true; false for custom resources. */
  readonly standardFinalizers?: boolean;
}

/** Everything wrong with a new object's metadata: before the kind's `validate`, whose errors follow in the same answer. */
export function validateMetadataOfCreate(meta: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(meta, "metadata", errors, rules);
  validateStandardFinalizers(meta, "metadata", errors, rules);
  return errors;
}

/**
 * Everything wrong with changed metadata: before the kind's `validateUpdate`. First names are only kept from leaving their path;
 * then the kind's own checks look at it again, and say again what is wrong.
 */
export function validateMetadataOfUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  rules: ObjectMetaRules,
  checks: readonly ("object" | "update")[] = ["update"],
): FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(meta, "metadata", errors, { ...rules, validateName: checkPathName });
  validateObjectMetaUpdate(meta, old, "metadata", errors);
  for (const check of checks) {
    if (check === "object") validateObjectMeta(meta, "metadata", errors, rules);
    else validateObjectMetaUpdate(meta, old, "metadata", errors);
    validateStandardFinalizers(meta, "metadata", errors, rules);
  }
  return errors;
}

/** What a name must at least be: one segment of a path. */
export function checkPathName(name: string, isPrefix: boolean): string[] {
  return isPrefix ? checkPathSegmentPrefix(name) : checkPathSegmentName(name);
}

/** Metadata by itself, whether finalizers are standard ones aside. */
export function validateObjectMeta(meta: ObjectMeta, path: string, errors: FieldError[], rules: ObjectMetaRules): void {
  validateNames(meta, path, errors, rules.validateName ?? checkDNSSubdomainName);
  validateNamespace(meta.namespace ?? "", path, errors, rules.namespaced);
  if ((meta.generation ?? 0) < 0) errors.push(invalid(child(path, "generation"), meta.generation, negativeError));
  validateMaps(meta, path, errors);
  if (meta.finalizers) validateFinalizers(meta.finalizers, child(path, "finalizers"), errors);
  if (meta.managedFields) validateManagedFields(meta.managedFields, child(path, "managedFields"), errors);
}

function validateStandardFinalizers(
  meta: ObjectMeta,
  path: string,
  errors: FieldError[],
  rules: ObjectMetaRules,
): void {
  if (rules.standardFinalizers === false) return;
  for (const [index, finalizer] of (meta.finalizers ?? []).entries()) {
    validateStandardFinalizer(finalizer, item(child(path, "finalizers"), index), errors);
  }
}

function validateNames(
  meta: ObjectMeta,
  path: string,
  errors: FieldError[],
  validateName: (name: string, isPrefix: boolean) => string[],
): void {
  const { generateName, name } = meta;
  if (generateName) {
    reportInvalid(errors, child(path, "generateName"), generateName, validateName(generateName, true));
  }
  if (name) reportInvalid(errors, child(path, "name"), name, validateName(name, false));
  else errors.push(required(child(path, "name"), "name or generateName is required"));
}

function validateNamespace(namespace: string, path: string, errors: FieldError[], namespaced: boolean): void {
  const field = child(path, "namespace");
  if (!namespaced) {
    if (namespace !== "") errors.push(forbiddenField(field, "not allowed on this type"));
  } else if (namespace === "") errors.push(required(field));
  else reportInvalid(errors, field, namespace, checkDNSLabelName(namespace, false));
}

const fixedFields = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
] as const;

/** The change of metadata. What the registry itself settles (uid, times) must be settled before. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path: string, errors: FieldError[]): void {
  if (old.deletionTimestamp) {
    validateNoNewFinalizers(meta.finalizers ?? [], old.finalizers ?? [], child(path, "finalizers"), errors);
  }
  if (!meta.resourceVersion) {
    errors.push(invalid(child(path, "resourceVersion"), "", "must be specified for an update"));
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(child(path, "generation"), meta.generation ?? 0, "must not be decremented"));
  }
  for (const field of fixedFields) {
    if (deepEqual(meta[field], old[field])) continue;
    errors.push(invalid(child(path, field), meta[field] ?? emptyOf(field), immutableError));
  }
  validateMaps(meta, path, errors);
  if (meta.managedFields) validateManagedFields(meta.managedFields, child(path, "managedFields"), errors);
}

/** What both the object's metadata and its change are looked at for. */
function validateMaps(meta: ObjectMeta, path: string, errors: FieldError[]): void {
  if (meta.labels) validateLabels(meta.labels, child(path, "labels"), errors);
  if (meta.annotations) validateAnnotations(meta.annotations, child(path, "annotations"), errors);
  if (meta.ownerReferences) validateOwnerReferences(meta.ownerReferences, child(path, "ownerReferences"), errors);
}

/** Names and the uid are plain strings to upstream, the others pointers. */
function emptyOf(field: (typeof fixedFields)[number]): "" | undefined {
  return field === "name" || field === "namespace" || field === "uid" ? "" : undefined;
}
