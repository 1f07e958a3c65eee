// What can be wrong with a new status of a Pod.

import { child, type FieldError, forbiddenField, internalFieldError, invalid, item } from "../../../field-error.ts";
import type { HostIP, PodCondition, PodIP, PodStatus } from "../../../generated/types.ts";
import { parseIPSloppy } from "../../../ip.ts";
import { validateIPForLegacyField } from "../../../ip-validation.ts";
import { checkDNSSubdomainName, checkQualifiedName } from "../../../names.ts";
import { immutableError, reportInvalid } from "../../report.ts";
import { internalForm } from "../../values/internal-form.ts";
import { podOptions } from "../pod-spec/pod-options.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { validateClaimStatuses, validateExtendedClaimStatus } from "./validate-claim-statuses.ts";
import { validateContainerStatuses } from "./validate-container-statuses.ts";
import { validateTransitions } from "./validate-container-transitions.ts";
import { validateAnnotationsUpdate } from "./validate-pod-update.ts";

export function validatePodStatusUpdate(pod: DecodedPod, old: DecodedPod): FieldError[] {
  const errors: FieldError[] = [];
  const { spec, status } = pod;
  validateAnnotationsUpdate(pod, old, errors, podOptions(old));
  validateConditions(status.conditions ?? [], errors);
  if ((spec.nodeName ?? "") !== (old.spec.nodeName ?? "")) {
    errors.push(forbiddenField("status.nodeName", "may not be changed directly"));
  }
  validateNominatedNode(pod, old, errors);
  if ((status.observedGeneration ?? 0) < 0) {
    errors.push(invalid("status.observedGeneration", status.observedGeneration, "must be a non-negative integer"));
  }
  if ((status.qosClass ?? "") !== (old.status.qosClass ?? "")) {
    errors.push(invalid("status.qosClass", status.qosClass ?? "", immutableError));
  }
  validateTransitions(status, old, errors);
  validateClaimStatuses(pod, errors);
  if (status.extendedResourceClaimStatus) {
    validateExtendedClaimStatus(status.extendedResourceClaimStatus, spec, "status.extendedResourceClaimStatus", errors);
  }
  validateAddresses(status.podIPs ?? [], old.status.podIPs ?? [], { path: "status.podIPs", form: "[]PodIP" }, errors);
  validateHostIPs(status, old.status, errors);
  validateContainerStatuses(pod, errors);
  return errors;
}

const systemConditions = ["PodScheduled", "Ready", "Initialized"];

function validateConditions(conditions: readonly PodCondition[], errors: FieldError[]): void {
  for (const [index, { type, observedGeneration = 0 }] of conditions.entries()) {
    const path = item("status.conditions", index);
    if (observedGeneration < 0) {
      errors.push(invalid(child(path, "observedGeneration"), observedGeneration, "must be a non-negative integer"));
    }
    if (!systemConditions.includes(type)) reportInvalid(errors, child(path, "Type"), type, checkQualifiedName(type));
  }
}

function validateNominatedNode({ status }: DecodedPod, old: DecodedPod, errors: FieldError[]): void {
  const { nominatedNodeName: name } = status;
  if (!name || name === old.status.nominatedNodeName) return;
  const path = "status.nominatedNodeName";
  reportInvalid(errors, path, name, checkDNSSubdomainName(name, false));
  if (old.spec.nodeName) errors.push(forbiddenField(path, "may not be set on pods that are already bound to a node"));
}

function validateHostIPs(status: PodStatus, old: PodStatus, errors: FieldError[]): void {
  const [first] = status.hostIPs ?? [];
  if (!first) return;
  if ((status.hostIP ?? "") !== first.ip) {
    errors.push(invalid("status.hostIPs[0].ip", first.ip, "must be equal to `hostIP`"));
  }
  const place = { path: "status.hostIPs", form: "[]HostIP" };
  validateAddresses(status.hostIPs ?? [], old.hostIPs ?? [], place, errors);
}

/** One address, or one of each family. */
function validateAddresses(
  addresses: readonly (PodIP | HostIP)[],
  old: readonly (PodIP | HostIP)[],
  { path, form }: { path: string; form: string },
  errors: FieldError[],
): void {
  const oldTexts = old.map(({ ip }) => ip);
  for (const [index, { ip }] of addresses.entries()) {
    errors.push(...validateIPForLegacyField(item(path, index), ip, oldTexts));
  }
  if (addresses.length < 2) return;
  const invalidIndex = addresses.findIndex(({ ip }) => !parseIPSloppy(ip));
  if (invalidIndex >= 0) reportUnreadable(addresses[invalidIndex]?.ip ?? "", invalidIndex, path, errors);
  const families = new Set(addresses.map(({ ip }) => parseIPSloppy(ip)?.family));
  const isDualStack = invalidIndex < 0 && families.size === 2;
  if (!isDualStack || addresses.length > 2) {
    errors.push(invalid(path, internalForm(form, addresses), "may specify no more than one IP for each IP family"));
  }
}

function reportUnreadable(ip: string, index: number, path: string, errors: FieldError[]): void {
  const why = `failed to check for dual stack with error:invalid IP[${index}]: ${ip}`;
  errors.push(internalFieldError(path, why));
}
