// What can be wrong with the status of a claim, which drivers write while volumes grow.

import { entry, type FieldError, invalid, notSupported, required } from "../../../field-error.ts";
import { checkQualifiedName } from "../../../names.ts";
import { validateAmount, validateWholeAmount } from "../resources/quantities.ts";
import { isNativeResource } from "../resources/resource-names.ts";
import type { DecodedClaim } from "./persistent-volume-claim.ts";

const resizeStatuses = [
  "ControllerResizeInProgress",
  "ControllerResizeInfeasible",
  "NodeResizeInProgress",
  "NodeResizeInfeasible",
  "NodeResizePending",
].sort();

export function validateClaimStatusUpdate({ metadata, spec, status }: DecodedClaim): FieldError[] {
  const errors: FieldError[] = [];
  if (!metadata.resourceVersion) errors.push(required("resourceVersion"));
  if (!spec.accessModes?.length) errors.push(required("Spec.accessModes"));
  for (const [resource, amount] of Object.entries(status.capacity ?? {})) {
    validateWholeAmount(amount, entry("status.capacity", resource), errors);
  }
  for (const [resource, resizeStatus] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    const path = "status.allocatedResourceStatuses";
    validateResource(resource, path, errors);
    // Upstream shows the resource, not its status.
    if (!resizeStatuses.includes(resizeStatus)) errors.push(notSupported(path, resource, resizeStatuses));
  }
  for (const [resource, amount] of Object.entries(status.allocatedResources ?? {})) {
    const path = "status.allocatedResources";
    const isKnown = validateResource(resource, path, errors);
    if (isKnown && validateWholeAmount(amount, entry(path, resource), errors)) {
      validateAmount("storage", amount, entry(path, resource), errors);
    }
  }
  return errors;
}

/** "storage", or a resource of somebody else. */
function validateResource(resource: string, path: string, errors: FieldError[]): boolean {
  const errorsBefore = errors.length;
  for (const problem of checkQualifiedName(resource)) errors.push(invalid(path, resource, problem));
  if (errors.length === errorsBefore && isNativeResource(resource) && resource !== "storage") {
    errors.push(notSupported(path, resource, ["storage"]));
  }
  return errors.length === errorsBefore;
}
