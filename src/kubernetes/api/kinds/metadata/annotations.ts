// Checks of annotations: keys as labels' in any case, and a total size.

import { type FieldError, tooLong } from "../../field-error.ts";
import { checkQualifiedName } from "../../names.ts";
import { reportInvalid } from "../report.ts";

const mostBytes = 256 * 1024;

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  let size = 0;
  for (const key in annotations) {
    reportInvalid(errors, path, key, checkQualifiedName(key.toLowerCase()));
    size += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? "");
  }
  if (size > mostBytes) errors.push(tooLong(path, mostBytes));
}
