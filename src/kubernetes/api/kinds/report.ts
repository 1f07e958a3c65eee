// The small change of validation: turns what a format check says of a value into field errors, and the few checks that every
// kind makes of numbers and fixed fields.

import { type FieldError, forbiddenField, invalid, notSupported } from "../field-error.ts";
import { negativeError } from "../names.ts";

export const immutableError = "field is immutable";

/** One error of kind "invalid" for each problem a check of names.ts answered. */
export function reportInvalid(errors: FieldError[], field: string, value: unknown, problems: readonly string[]): void {
  for (const problem of problems) errors.push(invalid(field, value, problem));
}

/** The value may be absent; below 0 it is reported. */
export function reportNegative(errors: FieldError[], field: string, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(invalid(field, value, negativeError));
}

/** A value that is set must be one of `supported`, which the message shows in that order. */
export function reportUnsupported(
  errors: FieldError[],
  field: string,
  value: string | undefined,
  supported: readonly string[],
): void {
  if (value !== undefined && !supported.includes(value)) errors.push(notSupported(field, value, supported));
}

/** Reports each of the named fields that is set. */
export function reportForbidden(errors: FieldError[], fields: Readonly<Record<string, unknown>>, why: string): void {
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null && value !== false) errors.push(forbiddenField(field, why));
  }
}
