// What may change in a claim: while bound its size and its class of attributes, its class once from nothing, little else.

import { type FieldError, forbiddenField, invalid } from "../../../field-error.ts";
import type { PersistentVolumeClaimSpec } from "../../../generated/types.ts";
import { schemaOf } from "../../../types-table.ts";
import { isInvalidLabelSelector } from "../../metadata/labels.ts";
import { immutableError } from "../../report.ts";
import { diffInternalForms } from "../../values/diff/unified-diff.ts";
import { semanticEqual } from "../../values/semantic-equal.ts";
import { classAnnotation } from "../persistent-volume/persistent-volume.ts";
import { compareAmounts } from "../resources/quantities.ts";
import { normalizeDataSources } from "./data-sources.ts";
import type { DecodedClaim } from "./persistent-volume-claim.ts";
import { validateClaimSpec } from "./validate-spec.ts";

const sizePath = "spec.resources.requests.storage";
const attributesPath = "spec.volumeAttributesClassName";
const fixedSpec =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

export function validateClaimUpdate(claim: DecodedClaim, old: DecodedClaim): FieldError[] {
  const errors: FieldError[] = [];
  validateClaimSpec(claim.spec, "spec", errors, {
    allowInvalidSelectorValues: isInvalidLabelSelector(old.spec.selector),
    allowInvalidGroupOfSource: hasGroupOfSource(old.spec),
  });
  const isUpgrade = isClassFromAnnotation(claim, old);
  const annotation = claim.metadata.annotations?.[classAnnotation] ?? "";
  if (!isUpgrade && annotation !== (old.metadata.annotations?.[classAnnotation] ?? "")) {
    errors.push(invalid(`metadata.annotations.${classAnnotation}`, annotation, immutableError));
  }
  validateSpecUpdate(claim, old, isUpgrade, errors);
  validateSizeUpdate(claim, old, errors);
  if (claim.spec.volumeMode !== old.spec.volumeMode) {
    errors.push(invalid("volumeMode", claim.spec.volumeMode, immutableError));
  }
  validateAttributesUpdate(claim, old, errors);
  return errors;
}

function hasGroupOfSource({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec): boolean {
  return [dataSource, dataSourceRef].some((source) => (source?.apiGroup ?? undefined) !== undefined);
}

/** The class moves from the annotation to the field. */
function isClassFromAnnotation(claim: DecodedClaim, old: DecodedClaim): boolean {
  const oldAnnotation = old.metadata.annotations?.[classAnnotation];
  const annotation = claim.metadata.annotations?.[classAnnotation];
  return (
    oldAnnotation !== undefined &&
    old.spec.storageClassName === undefined &&
    claim.spec.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation)
  );
}

/** A claim that came before its default class gets it later. */
function isClassFromNothing(claim: DecodedClaim, old: DecodedClaim): boolean {
  const annotation = old.metadata.annotations?.[classAnnotation];
  const { storageClassName } = claim.spec;
  if (storageClassName === undefined || old.spec.storageClassName !== undefined) return false;
  return annotation === undefined || annotation === storageClassName;
}

/** Compares the specs without what may differ. */
function validateSpecUpdate(claim: DecodedClaim, old: DecodedClaim, isUpgrade: boolean, errors: FieldError[]): void {
  const spec: PersistentVolumeClaimSpec = { ...claim.spec };
  const oldSpec: PersistentVolumeClaimSpec = { ...old.spec };
  normalizeDataSources(oldSpec);
  if (!oldSpec.volumeName && spec.volumeName) oldSpec.volumeName = spec.volumeName;
  if (isUpgrade || isClassFromNothing(claim, old)) delete spec.storageClassName;
  if (claim.status.phase === "Bound") {
    const size = oldSpec.resources?.requests?.["storage"] ?? "0";
    const requests = spec.resources?.requests;
    if (requests) spec.resources = { ...spec.resources, requests: { ...requests, storage: size } };
    takeAttributesClass(spec, oldSpec);
  }
  if (semanticEqual(schemaOf("io.k8s.api.core.v1.PersistentVolumeClaimSpec"), spec, oldSpec)) return;
  const diff = diffInternalForms("PersistentVolumeClaimSpec", oldSpec, spec);
  errors.push(forbiddenField("spec", `${fixedSpec}\n${diff}`));
}

function takeAttributesClass(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec): void {
  if (old.volumeAttributesClassName === undefined) delete spec.volumeAttributesClassName;
  else spec.volumeAttributesClassName = old.volumeAttributesClassName;
}

/** A size may be taken back as long as the volume is not that large yet. */
function validateSizeUpdate(claim: DecodedClaim, old: DecodedClaim, errors: FieldError[]): void {
  const size = claim.spec.resources?.requests?.["storage"] ?? "0";
  if (compareAmounts(size, old.spec.resources?.requests?.["storage"] ?? "0") >= 0) return;
  if (compareAmounts(size, old.status.capacity?.["storage"] ?? "0") <= 0) {
    errors.push(forbiddenField(sizePath, "field can not be less than status.capacity"));
  }
}

function validateAttributesUpdate(claim: DecodedClaim, old: DecodedClaim, errors: FieldError[]): void {
  const name = claim.spec.volumeAttributesClassName;
  if (name === old.spec.volumeAttributesClassName || old.status.currentVolumeAttributesClassName === undefined) return;
  const refused = (to: string): string =>
    `update to ${to} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  if (name === undefined) errors.push(forbiddenField(attributesPath, refused("nil")));
  else if (name === "") errors.push(forbiddenField(attributesPath, refused("empty string")));
}
