// The parts of a pod's status that tell of its claims of devices.

import { child, duplicate, type FieldError, invalid, item, required } from "../../../field-error.ts";
import type { PodExtendedResourceClaimStatus, PodSpec } from "../../../generated/types.ts";
import { checkDNS1123Label, checkDNSSubdomainName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import type { DecodedPod } from "./decoded-pod.ts";

export function validateClaimStatuses({ spec, status }: DecodedPod, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const [index, { name, resourceClaimName }] of (status.resourceClaimStatuses ?? []).entries()) {
    const path = item("status.resourceClaimStatuses", index);
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) {
      errors.push(invalid(child(path, "name"), name, "must match the name of an entry in `spec.resourceClaims`"));
    }
    if (names.has(name)) errors.push(duplicate(child(path, "name"), name));
    names.add(name);
    if (resourceClaimName === undefined) continue;
    const problems = checkDNSSubdomainName(resourceClaimName, false);
    reportInvalid(errors, child(path, "resourceClaimName"), resourceClaimName, problems);
  }
}

/** Of the claim that is made for what containers request by the names of extended resources. */
export function validateExtendedClaimStatus(
  { requestMappings, resourceClaimName }: PodExtendedResourceClaimStatus,
  spec: PodSpec,
  path: string,
  errors: FieldError[],
): void {
  const mappings = requestMappings ?? [];
  const mappingsPath = child(path, "requestMappings");
  if (mappings.length === 0) errors.push(required(mappingsPath, "at least one request mapping is required"));
  const known = new Set<string>();
  for (const [index, { containerName, resourceName, requestName }] of mappings.entries()) {
    const mappingPath = item(mappingsPath, index);
    reportUnrequested(containerName, resourceName, spec, mappingPath, errors);
    reportInvalid(errors, child(path, "requestName"), requestName, checkDNS1123Label(requestName));
    const identity = JSON.stringify([containerName, resourceName, requestName]);
    if (known.has(identity)) {
      for (const [field, value] of Object.entries({ containerName, resourceName, requestName })) {
        errors.push(duplicate(child(mappingPath, field), value));
      }
    }
    known.add(identity);
  }
  const namePath = child(path, "resourceClaimName");
  if (!resourceClaimName) errors.push(required(namePath));
  else reportInvalid(errors, namePath, resourceClaimName, checkDNSSubdomainName(resourceClaimName, false));
}

function reportUnrequested(
  containerName: string,
  resourceName: string,
  { initContainers, containers }: PodSpec,
  path: string,
  errors: FieldError[],
): void {
  const lists = [...(initContainers ?? []), ...(containers ?? [])];
  const container = lists.findLast(({ name }) => name === containerName);
  if (!container) {
    const why = "must match the name of an entry in spec.initContainers.name or spec.containers.name";
    errors.push(invalid(child(path, "containerName"), containerName, why));
  } else if (container.resources?.requests?.[resourceName] === undefined) {
    const why =
      "must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests";
    errors.push(invalid(child(path, "resourceName"), resourceName, why));
  }
}
