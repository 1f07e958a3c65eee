// Selectors of nodes, as pods and volumes have them: requirements of labels, and of the one field that can be named.

import { child, type FieldError, forbiddenField, invalid, item, required } from "../../../field-error.ts";
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PreferredSchedulingTerm,
} from "../../../generated/types.ts";
import { checkDNSSubdomainName, checkLabelValue } from "../../../names.ts";
import { validateLabelName } from "../../metadata/labels.ts";
import { reportInvalid } from "../../report.ts";

export interface NodeSelectorOptions {
  /** Values need not be such as a label can have: they then match nothing. */
  readonly allowInvalidValues: boolean;
}

export function validateNodeSelector(
  selector: NodeSelector,
  path: string,
  errors: FieldError[],
  options: NodeSelectorOptions,
): void {
  const terms = selector.nodeSelectorTerms ?? [];
  const termsPath = child(path, "nodeSelectorTerms");
  if (terms.length === 0) errors.push(required(termsPath, "must have at least one node selector term"));
  for (const [index, term] of terms.entries()) validateTerm(term, item(termsPath, index), errors, options);
}

export function validatePreferredTerms(
  terms: readonly PreferredSchedulingTerm[],
  path: string,
  errors: FieldError[],
): void {
  for (const [index, { weight, preference }] of terms.entries()) {
    validateWeight(weight, child(item(path, index), "weight"), errors);
    validateTerm(preference, child(item(path, index), "preference"), errors, { allowInvalidValues: true });
  }
}

/** How much a preference counts. */
export function validateWeight(weight: number, path: string, errors: FieldError[]): void {
  if (weight <= 0 || weight > 100) errors.push(invalid(path, weight, "must be in the range 1-100"));
}

/** Whether some expression has a value that no label can have. */
export function hasInvalidValue(selector: NodeSelector | undefined): boolean {
  return (selector?.nodeSelectorTerms ?? []).some(({ matchExpressions = [] }) =>
    matchExpressions.some(({ values = [] }) => values.some((value) => checkLabelValue(value).length > 0)),
  );
}

function validateTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  path: string,
  errors: FieldError[],
  options: NodeSelectorOptions,
): void {
  for (const [index, requirement] of matchExpressions.entries()) {
    validateRequirement(requirement, item(child(path, "matchExpressions"), index), errors, options);
  }
  for (const [index, requirement] of matchFields.entries()) {
    validateFieldRequirement(requirement, item(child(path, "matchFields"), index), errors);
  }
}

function validateRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: string,
  errors: FieldError[],
  options: NodeSelectorOptions,
): void {
  const valuesPath = child(path, "values");
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        errors.push(required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        errors.push(forbiddenField(valuesPath, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1) {
        errors.push(required(valuesPath, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
    default:
      errors.push(invalid(child(path, "operator"), operator, "not a valid selector operator"));
  }
  validateLabelName(key, child(path, "key"), errors);
  if (options.allowInvalidValues) return;
  for (const [index, value] of values.entries()) {
    reportInvalid(errors, item(valuesPath, index), value, checkLabelValue(value));
  }
}

function validateFieldRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: string,
  errors: FieldError[],
): void {
  const valuesPath = child(path, "values");
  if (operator !== "In" && operator !== "NotIn") {
    errors.push(invalid(child(path, "operator"), operator, "not a valid selector operator"));
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(valuesPath, why));
  }
  if (key !== "metadata.name") {
    errors.push(invalid(child(path, "key"), key, "not a valid field selector key"));
    return;
  }
  for (const [index, value] of values.entries()) {
    reportInvalid(errors, item(valuesPath, index), value, checkDNSSubdomainName(value, false));
  }
}
