// Role: what may be done in one namespace.

import type { FieldError } from "../../field-error.ts";
import type { Role } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { checkPathName } from "../metadata/object-meta.ts";
import { validateRules } from "./policy-rules.ts";

export const role = defineKind<Role>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  allowCreateOnUpdate: true,
  validateName: checkRoleName,
  validate,
  validateUpdate: validate,
});

/** Anything that can be one segment of a path, as generated names are looked at, too. */
export function checkRoleName(name: string): string[] {
  return checkPathName(name, false);
}

function validate({ rules }: Role): FieldError[] {
  const errors: FieldError[] = [];
  validateRules(rules, errors, { namespaced: true });
  return errors;
}
