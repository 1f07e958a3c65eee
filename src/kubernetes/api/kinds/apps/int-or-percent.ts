// Amounts of pods as a number or a percentage, as rolling updates take them.

import { type FieldError, invalid } from "../../field-error.ts";
import { type IntOrString, intValue } from "../../int-or-string.ts";
import { checkPercent, negativeError } from "../../names.ts";
import { reportInvalid } from "../report.ts";

/** Nothing negative, and of texts only percentages. */
export function validateIntOrPercent(value: IntOrString, path: string, errors: FieldError[]): void {
  if (typeof value === "string") reportInvalid(errors, path, value, checkPercent(value));
  else if (value < 0) errors.push(invalid(path, value, negativeError));
}

export function validateAtMostAll(value: IntOrString, path: string, errors: FieldError[]): void {
  if ((percentOf(value) ?? 0) > 100) errors.push(invalid(path, value, "must not be greater than 100%"));
}

/** The number, or the percentage's; 0 for texts that are neither. */
export function numberOf(value: IntOrString): number {
  return percentOf(value) ?? intValue(value);
}

function percentOf(value: IntOrString): number | undefined {
  if (typeof value !== "string" || checkPercent(value).length > 0) return undefined;
  return Number(value.slice(0, -1));
}
