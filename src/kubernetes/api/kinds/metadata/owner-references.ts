// Checks of the references to an object's owners.

import { child, type FieldError, invalid } from "../../field-error.ts";
import type { OwnerReference } from "../../generated/types.ts";
import { parseApiVersion } from "../../resource.ts";
import { internalForm } from "../values/internal-form.ts";

export function validateOwnerReferences(
  references: readonly OwnerReference[],
  path: string,
  errors: FieldError[],
): void {
  let controller: string | undefined;
  for (const reference of references) {
    validateOwnerReference(reference, path, errors);
    if (!reference.controller) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller === undefined) controller = name;
    else {
      const found = `Found "true" in references for ${controller} and ${name}`;
      errors.push(
        invalid(
          path,
          internalForm("[]OwnerReference", references),
          `Only one reference can have Controller set to true. ${found}`,
        ),
      );
    }
  }
}

function validateOwnerReference(reference: OwnerReference, path: string, errors: FieldError[]): void {
  const { group, version } = parseOwnerVersion(reference.apiVersion);
  if (version === "")
    errors.push(invalid(child(path, "apiVersion"), reference.apiVersion, "version must not be empty"));
  for (const field of ["kind", "name", "uid"] as const) {
    if (!reference[field]) errors.push(invalid(child(path, field), reference[field] ?? "", "must not be empty"));
  }
  if (group === "" && version === "v1" && reference.kind === "Event") {
    errors.push(
      invalid(path, internalForm("OwnerReference", reference), "/v1, Kind=Event is disallowed from being an owner"),
    );
  }
}

/** Upstream takes what it cannot read, such as "a/b/c", for no version at all. */
function parseOwnerVersion(apiVersion: string): { group: string; version: string } {
  if (apiVersion.split("/").length > 2) return { group: "", version: "" };
  return parseApiVersion(apiVersion);
}
