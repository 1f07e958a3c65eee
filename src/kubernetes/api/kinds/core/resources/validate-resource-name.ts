// Which resources may be named where: for a container, a pod, a quota, a limit range.

import { type FieldError, invalid, notSupported } from "../../../field-error.ts";
import { checkQualifiedName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import {
  hugePagesPrefix,
  isExtendedResource,
  isNativeResource,
  isPodLevelResource,
  isStandardContainerResource,
  isStandardQuotaResource,
  isStandardResource,
} from "./resource-names.ts";

export type ResourceNameCheck = (name: string, path: string, errors: FieldError[]) => void;

/** Any resource: a standard one, or another's by its qualified name. Answers whether it is fine. */
export function validateResourceName(name: string, path: string, errors: FieldError[]): boolean {
  const problems = checkQualifiedName(name);
  reportInvalid(errors, path, name, problems);
  if (problems.length > 0) return false;
  if (name.includes("/") || isStandardResource(name)) return true;
  errors.push(invalid(path, name, "must be a standard resource type or fully qualified"));
  return false;
}

export function validateContainerResourceName(name: string, path: string, errors: FieldError[]): void {
  validateResourceName(name, path, errors);
  if (!name.includes("/")) {
    if (isStandardContainerResource(name)) return;
    errors.push(invalid(path, name, "must be a standard resource for containers"));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

export function validatePodResourceName(name: string, path: string, errors: FieldError[]): void {
  if (!validateResourceName(name, path, errors) || isPodLevelResource(name)) return;
  errors.push(notSupported(path, name, ["cpu", hugePagesPrefix, "memory"]));
}

export function validateQuotaResourceName(name: string, path: string, errors: FieldError[]): void {
  validateResourceName(name, path, errors);
  if (name.includes("/") || isStandardQuotaResource(name)) return;
  errors.push(invalid(path, name, "must be a standard resource for quota"));
}
