// StorageClass: how volumes are made for claims.

import { child, duplicate, type FieldError, invalid, item, required } from "../../field-error.ts";
import type { StorageClass, TopologySelectorLabelRequirement, TopologySelectorTerm } from "../../generated/types.ts";
import { describeDeprecation } from "../core/scheduling/deprecated-labels.ts";
import { defineKind } from "../define-kind.ts";
import { validateLabelName } from "../metadata/labels.ts";
import { immutableError, reportUnsupported } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateDriver, validateParameters } from "./class-parameters.ts";

const defaultAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

export const storageClass = defineKind<StorageClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  setDefaults: (object) => {
    object.reclaimPolicy ??= "Delete";
    object.volumeBindingMode ??= "Immediate";
  },
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateChange(object, old)],
  warnings: ({ allowedTopologies = [] }) => allowedTopologies.flatMap(warnOfTopology),
  tableCells: (object, now) => ({
    cells: [
      isDefault(object) ? `${object.metadata.name} (default)` : object.metadata.name,
      object.provisioner,
      object.reclaimPolicy ?? "Delete",
      object.volumeBindingMode ?? "Immediate",
      object.allowVolumeExpansion ?? false,
      formatAge(object.metadata.creationTimestamp, now),
    ],
  }),
});

function isDefault({ metadata }: StorageClass): boolean {
  return defaultAnnotations.some((key) => metadata.annotations?.[key] === "true");
}

function warnOfTopology({ matchLabelExpressions = [] }: TopologySelectorTerm, index: number): string[] {
  return matchLabelExpressions.flatMap(({ key }, place) => {
    const deprecation = describeDeprecation(key);
    if (deprecation === undefined) return [];
    return [`allowedTopologies[${index}].matchLabelExpressions[${place}].key: ${deprecation}`];
  });
}

function validate(object: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  validateDriver(object.provisioner, "provisioner", errors);
  validateParameters(object.parameters ?? {}, "parameters", errors);
  const { reclaimPolicy } = object;
  if (reclaimPolicy !== "") reportUnsupported(errors, "reclaimPolicy", reclaimPolicy, ["Delete", "Retain"]);
  const modes = ["Immediate", "WaitForFirstConsumer"];
  reportUnsupported(errors, "volumeBindingMode", object.volumeBindingMode, modes);
  validateTopologies(object.allowedTopologies ?? [], "allowedTopologies", errors);
  return errors;
}

function validateChange(object: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  const { parameters } = object;
  if (!deepEqual(parameters ?? {}, old.parameters ?? {})) {
    errors.push(invalid("parameters", internalForm("map:string", parameters) ?? undefined, immutableError));
  }
  for (const field of ["provisioner", "reclaimPolicy", "volumeBindingMode"] as const) {
    if (object[field] !== old[field]) errors.push(invalid(field, object[field], immutableError));
  }
  return errors;
}

function validateTopologies(terms: readonly TopologySelectorTerm[], path: string, errors: FieldError[]): void {
  // Upstream compares every term with as many empty ones as there are terms, too.
  const known: Record<string, readonly string[]>[] = terms.map(() => ({}));
  for (const [index, { matchLabelExpressions = [] }] of terms.entries()) {
    const expressionsPath = child(item(path, index), "matchLabelExpressions");
    const values: Record<string, readonly string[]> = {};
    for (const [place, requirement] of matchLabelExpressions.entries()) {
      validateRequirement(requirement, item(expressionsPath, place), errors);
      const { key } = requirement;
      if (key in values) errors.push(duplicate(child(item(expressionsPath, place), "key"), key));
      values[key] = [...new Set(requirement.values ?? [])].sort();
    }
    for (const other of known) if (deepEqual(values, other)) errors.push(duplicate(expressionsPath, ""));
    known.push(values);
  }
}

function validateRequirement(requirement: TopologySelectorLabelRequirement, path: string, errors: FieldError[]): void {
  const values = requirement.values ?? [];
  const valuesPath = child(path, "values");
  if (values.length === 0) errors.push(required(valuesPath));
  for (const [index, value] of values.entries()) {
    if (values.indexOf(value) < index) errors.push(duplicate(item(valuesPath, index), value));
  }
  validateLabelName(requirement.key, child(path, "key"), errors);
}
