// Configuration handed through to a driver, and other values of free form.

import { child, type FieldError, invalid, required, tooLong } from "../../field-error.ts";
import type { OpaqueDeviceConfiguration } from "../../generated/types.ts";
import { encodeJson } from "../../json/encode.ts";
import { validateDriverName } from "./names.ts";

const longestParameters = 10 * 1024;

/** What was there before is not measured again. */
export function validateConfiguration(
  { opaque }: { readonly opaque?: OpaqueDeviceConfiguration },
  path: string,
  errors: FieldError[],
  isStored: boolean,
): void {
  const opaquePath = child(path, "opaque");
  if (!opaque) {
    errors.push(required(opaquePath));
    return;
  }
  validateDriverName(opaque.driver, child(opaquePath, "driver"), errors);
  validateFreeForm(
    opaque.parameters,
    child(opaquePath, "parameters"),
    errors,
    isStored ? undefined : longestParameters,
  );
}

/** An object, whose JSON is no longer than `most` bytes. */
export function validateFreeForm(value: unknown, path: string, errors: FieldError[], most: number | undefined): void {
  if (value === undefined || value === null) errors.push(required(path));
  else if (most !== undefined && Buffer.byteLength(encodeJson(value)) > most) errors.push(tooLong(path, most));
  else if (typeof value !== "object" || Array.isArray(value)) {
    errors.push(invalid(path, "<value omitted>", "must be a valid JSON object"));
  }
}
