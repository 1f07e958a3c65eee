// What StorageClasses and VolumeAttributesClasses have in common: a driver, and parameters only the driver understands.

import { type FieldError, invalid, required, tooLong } from "../../field-error.ts";
import { checkQualifiedName } from "../../names.ts";
import { reportInvalid } from "../report.ts";

const mostBytes = 256 * 1024;
const mostParameters = 512;

/** A qualified name in any case. */
export function validateDriver(name: string, path: string, errors: FieldError[]): void {
  if (name === "") errors.push(required(path));
  else reportInvalid(errors, path, name.toLowerCase(), checkQualifiedName(name.toLowerCase()));
}

/** Answers false where there are too many to look at. */
export function validateParameters(
  parameters: Readonly<Record<string, string>>,
  path: string,
  errors: FieldError[],
): boolean {
  const entries = Object.entries(parameters);
  if (entries.length > mostParameters) {
    errors.push(tooLong(path, mostParameters));
    return false;
  }
  if ("" in parameters) errors.push(invalid(path, "", "field can not be empty."));
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > mostBytes) errors.push(tooLong(path, mostBytes));
  return true;
}
