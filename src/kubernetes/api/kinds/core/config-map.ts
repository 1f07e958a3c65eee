// ConfigMap: keys that can be files' names, no more than 1 MiB, and no change once it is immutable.

import { type FieldError, forbiddenField, invalid, tooLong } from "../../field-error.ts";
import type { ConfigMap } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { mostDataBytes, validateDataKeys } from "./data-keys.ts";

export const configMap = defineKind<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  validate,
  validateUpdate,
  tableCells: ({ metadata, data = {}, binaryData = {} }, now) => ({
    cells: [
      metadata.name,
      Object.keys(data).length + Object.keys(binaryData).length,
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function validate(object: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let size = validateDataKeys(object.data, "data", errors, "utf8");
  for (const key in object.data) {
    if (object.binaryData && key in object.binaryData) {
      errors.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
    }
  }
  size += validateDataKeys(object.binaryData, "binaryData", errors, "base64");
  if (size > mostDataBytes) errors.push(tooLong("[]", mostDataBytes));
  return errors;
}

function validateUpdate(object: ConfigMap, old: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  if (old.immutable) validateUnchanged(object, old, ["data", "binaryData"], errors);
  return [...errors, ...validate(object)];
}

/** Of an object whose `immutable` is set: neither that nor its data may change. */
export function validateUnchanged<Field extends string>(
  object: { immutable?: boolean } & { [F in Field]?: unknown },
  old: { [F in Field]?: unknown },
  fields: readonly Field[],
  errors: FieldError[],
): void {
  const why = "field is immutable when `immutable` is set";
  if (!object.immutable) errors.push(forbiddenField("immutable", why));
  for (const field of fields) {
    if (!deepEqual(object[field], old[field])) errors.push(forbiddenField(field, why));
  }
}
