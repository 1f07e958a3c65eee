// Checks of finalizers: qualified names, and of those without a domain only the three that Kubernetes knows.

import { type FieldError, forbiddenField, invalid } from "../../field-error.ts";
import { quote } from "../../go-format.ts";
import { checkQualifiedName } from "../../names.ts";
import { reportInvalid } from "../report.ts";

const standardFinalizers: readonly string[] = ["kubernetes", "orphan", "foregroundDeletion"];

/** The rules of every object, custom resources included. */
export function validateFinalizers(finalizers: readonly string[], path: string, errors: FieldError[]): void {
  for (const finalizer of finalizers) reportInvalid(errors, path, finalizer, checkQualifiedName(finalizer));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
}

/** The further rule of built-in kinds: a name without a domain must be a standard one. */
export function validateStandardFinalizer(finalizer: string, path: string, errors: FieldError[]): void {
  if (finalizer.includes("/") || standardFinalizers.includes(finalizer)) return;
  errors.push(invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
}

/** While an object is being deleted no finalizer may be added. */
export function validateNoNewFinalizers(
  finalizers: readonly string[],
  old: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  const added = [...new Set(finalizers)].filter((finalizer) => !old.includes(finalizer)).sort();
  if (added.length === 0) return;
  const list = `[]string{${added.map(quote).join(", ")}}`;
  errors.push(
    forbiddenField(path, `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`),
  );
}
