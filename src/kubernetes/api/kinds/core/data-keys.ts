// The data of ConfigMaps and Secrets: keys that can be files' names, and a size that fits.

import { entry, type FieldError } from "../../field-error.ts";
import { checkConfigMapKey } from "../../names.ts";
import { reportInvalid } from "../report.ts";

/** The most bytes the values of one ConfigMap or Secret may have together. */
export const mostDataBytes = 1024 * 1024;

/** Checks every key; answers the values' size in bytes, those of base64 decoded. */
export function validateDataKeys(
  data: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
  encoding: "utf8" | "base64",
): number {
  let size = 0;
  for (const key in data) {
    reportInvalid(errors, entry(path, key), key, checkConfigMapKey(key));
    size += Buffer.byteLength(data[key] ?? "", encoding);
  }
  return size;
}
