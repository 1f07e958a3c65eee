// Paths in volumes: relative ones that do not climb out, and the modes of files.

import { type FieldError, invalid } from "../../../field-error.ts";

/** Anywhere in it "..": one error, however often it climbs. */
export function validateNoBacksteps(path: string, field: string, errors: FieldError[]): void {
  if (hasBacksteps(path)) errors.push(invalid(field, path, "must not contain '..'"));
}

export function hasBacksteps(path: string): boolean {
  return path.includes("..") && path.split("/").includes("..");
}

/** Below the folder it is relative to. */
export function validateDescendingPath(path: string, field: string, errors: FieldError[]): void {
  if (path.startsWith("/")) errors.push(invalid(field, path, "must be a relative path"));
  validateNoBacksteps(path, field, errors);
}

/** A descending path whose first name is none of those the kubelet keeps for itself ("..data"). */
export function validateUnreservedPath(path: string, field: string, errors: FieldError[]): void {
  validateDescendingPath(path, field, errors);
  if (path.startsWith("..") && !path.startsWith("../")) errors.push(invalid(field, path, "must not start with '..'"));
}

export function isUnreservedPath(path: string): boolean {
  return !path.startsWith("/") && !path.startsWith("..") && !hasBacksteps(path);
}

export function validateFileMode(mode: number | undefined, field: string, errors: FieldError[]): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return;
  errors.push(invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive"));
}
