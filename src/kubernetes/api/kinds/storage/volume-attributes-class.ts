// VolumeAttributesClass: properties of volumes that can change while they are in use.

import { type FieldError, forbiddenField, required } from "../../field-error.ts";
import type { VolumeAttributesClass } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateDriver, validateParameters } from "./class-parameters.ts";

export const volumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttributesClass",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  validate,
  validateUpdate: (object, old) => {
    const errors: FieldError[] = [];
    for (const field of ["driverName", "parameters"] as const) {
      if (!deepEqual(object[field], old[field])) {
        errors.push(forbiddenField(field, `updates to ${field} are forbidden.`));
      }
    }
    return [...errors, ...validate(object)];
  },
  tableCells: ({ metadata, driverName }, now) => ({
    cells: [metadata.name, driverName, formatAge(metadata.creationTimestamp, now)],
  }),
});

function validate({ driverName, parameters = {} }: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = [];
  validateDriver(driverName, "driverName", errors);
  validateParameters(parameters, "parameters", errors);
  if (Object.keys(parameters).length === 0) {
    errors.push(required("parameters", "must contain at least one key/value pair"));
  }
  return errors;
}
