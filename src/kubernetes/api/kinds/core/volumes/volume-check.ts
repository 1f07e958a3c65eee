// What the checks of volume sources share: the few rules that come up again and again.

import { child, type FieldError, invalid, required } from "../../../field-error.ts";
import { checkDNS1123Label } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";

/** Reports each named field that is empty. */
export function requireFields<Source extends object>(
  source: Source,
  fields: readonly (keyof Source & string)[],
  path: string,
  errors: FieldError[],
): void {
  for (const field of fields) {
    const value = source[field];
    if (!value || (Array.isArray(value) && value.length === 0)) errors.push(required(child(path, field)));
  }
}

/** A source that asks for nothing but these fields. */
export function requiring<Source extends object>(
  ...fields: (keyof Source & string)[]
): (source: Source, path: string, errors: FieldError[]) => void {
  return (source, path, errors) => requireFields(source, fields, path, errors);
}

/** A reference to a Secret in the pod's namespace. */
export function requireSecretName(reference: { name?: string } | undefined, path: string, errors: FieldError[]): void {
  if (reference && !reference.name) errors.push(required(child(path, "secretRef", "name")));
}

/** A reference to a Secret in any namespace. */
export function requireSecretIdentity(
  reference: { name?: string; namespace?: string } | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (reference) requireFields(reference, ["name", "namespace"], child(path, "secretRef"), errors);
}

export function validatePartition(partition: number | undefined, path: string, errors: FieldError[]): void {
  if (partition === undefined || (partition >= 0 && partition <= 255)) return;
  errors.push(invalid(child(path, "partition"), partition, "must be between 1 and 255, inclusive"));
}

export function validateLun(lun: number | undefined, path: string, errors: FieldError[]): void {
  if (lun === undefined || (lun >= 0 && lun <= 255)) return;
  errors.push(invalid(child(path, "lun"), lun, "must be between 0 and 255, inclusive"));
}

export function validateLabel(value: string, path: string, errors: FieldError[]): void {
  reportInvalid(errors, path, value, checkDNS1123Label(value));
}
