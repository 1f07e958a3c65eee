// The statuses of containers: as whom they run, and how the devices they were given are doing.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notSupported,
  required,
  tooLong,
} from "../../../field-error.ts";
import type {
  Container,
  ContainerStatus,
  LinuxContainerUser,
  ResourceHealth,
  ResourceStatus,
} from "../../../generated/types.ts";
import { checkGroupID, checkUserID } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import type { DecodedPod } from "./decoded-pod.ts";

const lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] as const;

export function validateContainerStatuses({ spec, status }: DecodedPod, errors: FieldError[]): void {
  for (const list of lists) validateUsers(status[list] ?? [], child("status", list), errors, spec.os?.name);
  validateDevices(status.containerStatuses ?? [], "status.containerStatuses", errors, spec.containers);
  validateDevices(status.initContainerStatuses ?? [], "status.initContainerStatuses", errors, spec.initContainers);
  for (const [index, { allocatedResourcesStatus }] of (status.ephemeralContainerStatuses ?? []).entries()) {
    if (!allocatedResourcesStatus?.length) continue;
    const field = child(item("status.ephemeralContainerStatuses", index), "allocatedResourcesStatus");
    errors.push(forbiddenField(field, "must not be specified in container status"));
  }
}

function validateUsers(statuses: readonly ContainerStatus[], path: string, errors: FieldError[], os = "linux"): void {
  for (const [index, { user }] of statuses.entries()) {
    if (!user?.linux) continue;
    const field = `${path}[${index}].user.linux`;
    if (os === "windows") errors.push(forbiddenField(field, "cannot be set for a windows pod"));
    else if (os === "linux") validateLinuxUser(user.linux, field, errors);
  }
}

function validateLinuxUser(user: LinuxContainerUser, path: string, errors: FieldError[]): void {
  reportInvalid(errors, child(path, "uid"), user.uid, checkUserID(user.uid));
  reportInvalid(errors, child(path, "gid"), user.gid, checkGroupID(user.gid));
  for (const [index, group] of (user.supplementalGroups ?? []).entries()) {
    reportInvalid(errors, item(child(path, "supplementalGroups"), index), group, checkGroupID(group));
  }
}

function validateDevices(
  statuses: readonly ContainerStatus[],
  path: string,
  errors: FieldError[],
  containers: readonly Container[] | null | undefined,
): void {
  for (const [index, { name, allocatedResourcesStatus }] of statuses.entries()) {
    const container = containers?.find((candidate) => candidate.name === name);
    for (const [place, resource] of (allocatedResourcesStatus ?? []).entries()) {
      const resourcePath = `${path}[${index}].allocatedResourcesStatus[${place}]`;
      if (container) reportUnknownResource(resource, container, child(resourcePath, "name"), errors);
      validateHealth(resource, child(resourcePath, "resources"), errors);
    }
  }
}

function reportUnknownResource(
  { name }: ResourceStatus,
  { resources = {} }: Container,
  path: string,
  errors: FieldError[],
): void {
  if (!name.startsWith("claim:")) {
    if (resources.requests && name in resources.requests) return;
    errors.push(invalid(path, name, "must match one of the container's resource requests"));
    return;
  }
  const claims = (resources.claims ?? []).map((claim) => claimText(claim.name, claim.request));
  if (claims.includes(name)) return;
  const why =
    "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
  errors.push(invalid(path, name, why));
}

function claimText(name: string, request: string | undefined): string {
  return request ? `claim:${name}/${request}` : `claim:${name}`;
}

const healthValues = ["Healthy", "Unhealthy", "Unknown"];
const longestMessage = 1024;

function validateHealth({ resources }: ResourceStatus, path: string, errors: FieldError[]): void {
  const known = new Set<string>();
  for (const [index, { resourceID, health = "", ...rest }] of (resources ?? []).entries()) {
    const field = item(path, index);
    if (!healthValues.includes(health)) errors.push(notSupported(child(field, "health"), health, healthValues));
    validateMessage(rest, child(field, "message"), errors);
    if (known.has(resourceID)) errors.push(duplicate(child(field, "resourceID"), resourceID));
    known.add(resourceID);
  }
}

function validateMessage({ message }: Pick<ResourceHealth, "message">, path: string, errors: FieldError[]): void {
  if (message === "") errors.push(required(path, "must be non-empty if specified"));
  else if (message !== undefined && Buffer.byteLength(message) > longestMessage) {
    errors.push(tooLong(path, longestMessage));
  }
}
