// Secret: what its type asks of its data, no more than 1 MiB, a fixed type, and no change once it is immutable.

import { type FieldError, invalid, tooLong } from "../../../field-error.ts";
import type { Secret } from "../../../generated/types.ts";
import { defineKind } from "../../define-kind.ts";
import { immutableError } from "../../report.ts";
import { formatAge } from "../../table/human-duration.ts";
import { validateUnchanged } from "../config-map.ts";
import { mostDataBytes, validateDataKeys } from "../data-keys.ts";
import { describeKeyPairProblem } from "./key-pair.ts";
import { validateDataOfType } from "./secret-types.ts";

export const secret = defineKind<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  setDefaults,
  prepareForUpdate: (object, old) => {
    if (!object.type && old.type) object.type = old.type;
  },
  validate,
  validateUpdate,
  warnings,
  selectableFields: { type: (object) => object.type ?? "" },
  tableCells: ({ metadata, type = "", data = {} }, now) => ({
    cells: [metadata.name, type, Object.keys(data).length, formatAge(metadata.creationTimestamp, now)],
  }),
});

/** What was written as text is kept as data only. */
function setDefaults(object: Secret): void {
  object.type ||= "Opaque";
  if (!object.stringData) return;
  const data = { ...object.data };
  for (const [key, text] of Object.entries(object.stringData)) data[key] = Buffer.from(text).toString("base64");
  object.data = data;
  delete object.stringData;
}

function validate(object: Secret): FieldError[] {
  const errors: FieldError[] = [];
  const size = validateDataKeys(object.data, "data", errors, "base64");
  if (size > mostDataBytes) errors.push(tooLong("data", mostDataBytes));
  validateDataOfType(object, errors);
  return errors;
}

function validateUpdate(object: Secret, old: Secret): FieldError[] {
  const errors: FieldError[] = [];
  if (object.type !== old.type) errors.push(invalid("type", object.type ?? "", immutableError));
  if (old.immutable) validateUnchanged(object, old, ["data"], errors);
  return [...errors, ...validate(object)];
}

function warnings({ type, data = {} }: Secret): string[] {
  if (type !== "kubernetes.io/tls") return [];
  const problem = describeKeyPairProblem(decode(data["tls.crt"]), decode(data["tls.key"]));
  return problem === undefined ? [] : [problem];
}

function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("latin1");
}
