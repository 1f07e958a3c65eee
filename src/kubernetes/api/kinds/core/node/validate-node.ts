// What can be wrong with a Node, and with a change of one.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  internalFieldError,
  invalid,
  item,
} from "../../../field-error.ts";
import type { NodeAddress, NodeStatus } from "../../../generated/types.ts";
import { quote } from "../../../go-format.ts";
import { parseCIDRSloppy } from "../../../ip.ts";
import { validateCIDRForLegacyField } from "../../../ip-validation.ts";
import { internalForm } from "../../values/internal-form.ts";
import { positiveError, validateAmount } from "../resources/quantities.ts";
import { validateTaints } from "../scheduling/taints.ts";
import type { DecodedNode } from "./node.ts";
import { validateNodeAnnotations } from "./validate-annotations.ts";
import { validateConfigSource, validateConfigStatus } from "./validate-config-source.ts";

export function validateNode({ metadata, spec, status }: DecodedNode): FieldError[] {
  const errors: FieldError[] = [];
  validateNodeAnnotations(metadata.annotations, "metadata.annotations", errors);
  validateTaints(spec.taints ?? [], "metadata.taints", errors);
  validateResources(status, errors);
  const capacity = status.nodeInfo?.swap?.capacity;
  if (capacity !== undefined && capacity <= 0) {
    errors.push(invalid("metadata.nodeSwapStatus.capacity", capacity, positiveError));
  }
  validateDeclaredFeatures(status.declaredFeatures ?? [], "status.declaredFeatures", errors);
  validatePodRanges(spec.podCIDRs ?? [], "spec.podCIDRs", errors);
  return errors;
}

export function validateNodeUpdate({ metadata, spec, status }: DecodedNode, old: DecodedNode): FieldError[] {
  const errors: FieldError[] = [];
  validateNodeAnnotations(metadata.annotations, "metadata.annotations", errors);
  validateResources(status, errors);
  validateDeclaredFeatures(status.declaredFeatures ?? [], "status.declaredFeatures", errors);
  validateAddresses(status.addresses ?? [], errors);
  validateFixedFields(spec, old.spec, errors);
  if (spec.configSource) validateConfigSource(spec.configSource, "spec.configSource", errors);
  if (status.config) validateConfigStatus(status.config, "status.config", errors);
  validateTaints(spec.taints ?? [], "metadata.taints", errors);
  if ((spec.externalID ?? "") !== (old.spec.externalID ?? "")) {
    errors.push(forbiddenField("spec.externalID", "may not be updated"));
  }
  return errors;
}

function validateFixedFields(spec: DecodedNode["spec"], old: DecodedNode["spec"], errors: FieldError[]): void {
  const [ranges, oldRanges] = [spec.podCIDRs ?? [], old.podCIDRs ?? []];
  const why = 'node updates may not change podCIDR except from "" to valid';
  if (oldRanges.length > 0 && oldRanges.length !== ranges.length) errors.push(forbiddenField("spec.podCIDRs", why));
  else {
    for (const [index, range] of oldRanges.entries()) {
      if (range !== ranges[index]) errors.push(forbiddenField("spec.podCIDRs", why));
    }
  }
  if (old.providerID && old.providerID !== spec.providerID) {
    errors.push(forbiddenField("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  }
}

function validateResources(status: NodeStatus, errors: FieldError[]): void {
  for (const field of ["capacity", "allocatable"] as const) {
    for (const [name, amount] of Object.entries(status[field] ?? {})) {
      validateAmount(name, amount, child("status", field, name), errors);
    }
  }
}

function validateAddresses(addresses: readonly NodeAddress[], errors: FieldError[]): void {
  const known = new Set<string>();
  for (const [index, address] of addresses.entries()) {
    const identity = `${address.type} ${address.address}`;
    if (known.has(identity)) {
      errors.push(duplicate(item("status.addresses", index), internalForm("NodeAddress", address)));
    }
    known.add(identity);
  }
}

const longestFeature = 253;
const featurePattern = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;

function validateDeclaredFeatures(features: readonly string[], path: string, errors: FieldError[]): void {
  for (const [index, feature] of features.entries()) {
    const problem = describeFeatureProblem(feature);
    if (problem !== undefined) {
      errors.push(invalid(item(path, index), feature, `invalid feature name ${quote(feature)}: ${problem}`));
    }
    const next = features[index + 1];
    if (next === undefined) continue;
    if (next === feature) errors.push(duplicate(item(path, index + 1), next));
    else if (feature > next) errors.push(invalid(item(path, index + 1), next, "list must be sorted alphabetically"));
  }
}

function describeFeatureProblem(feature: string): string | undefined {
  if (Buffer.byteLength(feature) > longestFeature) return `must be no more than ${longestFeature} characters`;
  if (featurePattern.test(feature)) return undefined;
  return "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
}

/** One range, or one of each address family. */
function validatePodRanges(ranges: readonly string[], path: string, errors: FieldError[]): void {
  for (const [index, range] of ranges.entries()) errors.push(...validateCIDRForLegacyField(item(path, index), range));
  if (ranges.length < 2) return;
  const families = ranges.map((range) => parseCIDRSloppy(range)?.range.family);
  const unreadable = families.indexOf(undefined);
  if (unreadable >= 0) {
    const problem = `invalid CIDR[${unreadable}]: <nil> (invalid CIDR address: ${ranges[unreadable]})`;
    errors.push(internalFieldError(path, `invalid PodCIDRs. failed to check with dual stack with error:${problem}`));
  }
  const isDualStack = unreadable < 0 && families.includes(4) && families.includes(6);
  if (!isDualStack || ranges.length > 2) {
    errors.push(invalid(path, ranges, "may specify no more than one CIDR for each IP family"));
  }
}
