// How evenly pods are to be spread over zones, nodes and other domains.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notSupported,
  required,
} from "../../../field-error.ts";
import type { TopologySpreadConstraint } from "../../../generated/types.ts";
import { validateLabelName, validateLabelSelector } from "../../metadata/labels.ts";
import { reportUnsupported } from "../../report.ts";
import { positiveError } from "../resources/quantities.ts";
import { validateLabelKeys } from "./affinity.ts";

export interface TopologySpreadOptions {
  readonly allowInvalidLabelSelector: boolean;
  /** The old object was written before matchLabelKeys became part of the selector. */
  readonly legacyMatchLabelKeys: boolean;
}

const actions = ["DoNotSchedule", "ScheduleAnyway"];
const nodePolicies = ["Honor", "Ignore"];

export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  path: string,
  errors: FieldError[],
  options: TopologySpreadOptions,
): void {
  for (const [index, constraint] of constraints.entries()) {
    const constraintPath = item(path, index);
    validateConstraint(constraint, constraintPath, errors);
    const { topologyKey, whenUnsatisfiable } = constraint;
    const isRepeated = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (isRepeated) {
      const field = child(constraintPath, "{topologyKey, whenUnsatisfiable}");
      errors.push(duplicate(field, `{${topologyKey}, ${whenUnsatisfiable}}`));
    }
    validateDomains(constraint, constraintPath, errors);
    validateSelector(constraint, constraintPath, errors, options);
  }
}

function validateConstraint(constraint: TopologySpreadConstraint, path: string, errors: FieldError[]): void {
  if (constraint.maxSkew <= 0) errors.push(invalid(child(path, "maxSkew"), constraint.maxSkew, positiveError));
  if (!constraint.topologyKey) errors.push(required(child(path, "topologyKey"), "can not be empty"));
  if (!actions.includes(constraint.whenUnsatisfiable)) {
    errors.push(notSupported(child(path, "whenUnsatisfiable"), constraint.whenUnsatisfiable, actions));
  }
}

function validateDomains(
  { minDomains, whenUnsatisfiable, nodeAffinityPolicy, nodeTaintsPolicy }: TopologySpreadConstraint,
  path: string,
  errors: FieldError[],
): void {
  const field = child(path, "minDomains");
  if (minDomains !== undefined && minDomains <= 0) errors.push(invalid(field, minDomains, positiveError));
  if (minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule") {
    const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    errors.push(invalid(field, minDomains, why));
  }
  reportUnsupported(errors, child(path, "nodeAffinityPolicy"), nodeAffinityPolicy, nodePolicies);
  reportUnsupported(errors, child(path, "nodeTaintsPolicy"), nodeTaintsPolicy, nodePolicies);
}

function validateSelector(
  constraint: TopologySpreadConstraint,
  path: string,
  errors: FieldError[],
  options: TopologySpreadOptions,
): void {
  if (options.legacyMatchLabelKeys) validateLegacyKeys(constraint, child(path, "matchLabelKeys"), errors);
  else validateLabelKeys(constraint, path, errors);
  if (options.allowInvalidLabelSelector) return;
  validateLabelSelector(constraint.labelSelector, child(path, "labelSelector"), errors);
}

/** The rule before the server wrote the keys into the selector: they must not be there. */
function validateLegacyKeys(
  { matchLabelKeys = [], labelSelector }: TopologySpreadConstraint,
  path: string,
  errors: FieldError[],
): void {
  if (matchLabelKeys.length === 0) return;
  if (!labelSelector) errors.push(forbiddenField(path, "must not be specified when labelSelector is not set"));
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  for (const [index, key] of matchLabelKeys.entries()) {
    validateLabelName(key, item(path, index), errors);
    if (selected.has(key)) {
      errors.push(invalid(item(path, index), key, "exists in both matchLabelKeys and labelSelector"));
    }
  }
}

/** Whether the keys of some constraint break today's rule. */
export function hasInvalidLabelKeys(constraints: readonly TopologySpreadConstraint[]): boolean {
  const errors: FieldError[] = [];
  for (const constraint of constraints) validateLabelKeys(constraint, "", errors);
  return errors.length > 0;
}
