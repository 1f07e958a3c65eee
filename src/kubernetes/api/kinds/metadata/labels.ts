// Checks of labels and of selectors over them, wherever a kind has some (apimachinery's apis/meta/v1/validation).

import { child, type FieldError, forbiddenField, invalid, item, required } from "../../field-error.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../../generated/types.ts";
import { checkLabelValue, checkQualifiedName } from "../../names.ts";
import { reportInvalid } from "../report.ts";

export interface LabelSelectorOptions {
  /** Values of match expressions may be anything: what an old object already holds stays allowed. */
  readonly allowInvalidValues?: boolean;
}

/** A map of labels, or what is matched with one, such as a nodeSelector. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  for (const key in labels) {
    reportInvalid(errors, path, key, checkQualifiedName(key));
    const value = labels[key] ?? "";
    reportInvalid(errors, path, value, checkLabelValue(value));
  }
}

/** The key of a label. */
export function validateLabelName(name: string | undefined, path: string, errors: FieldError[]): void {
  reportInvalid(errors, path, name ?? "", checkQualifiedName(name ?? ""));
}

/** An absent selector is fine. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: string,
  errors: FieldError[],
  options: LabelSelectorOptions = {},
): void {
  if (!selector) return;
  validateLabels(selector.matchLabels, child(path, "matchLabels"), errors);
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries()) {
    validateRequirement(requirement, item(child(path, "matchExpressions"), index), errors, options);
  }
}

/** Whether the selector breaks a rule; its options as validateLabelSelector. */
export function isInvalidLabelSelector(selector: LabelSelector | undefined): boolean {
  const errors: FieldError[] = [];
  validateLabelSelector(selector, "", errors);
  return errors.length > 0;
}

function validateRequirement(
  requirement: LabelSelectorRequirement,
  path: string,
  errors: FieldError[],
  options: LabelSelectorOptions,
): void {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        errors.push(required(child(path, "values"), "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbiddenField(child(path, "values"), why));
      }
      break;
    default:
      errors.push(invalid(child(path, "operator"), requirement.operator, "not a valid selector operator"));
  }
  validateLabelName(requirement.key, child(path, "key"), errors);
  if (options.allowInvalidValues) return;
  validateLabelValues(values, child(path, "values"), errors);
}

/** The values of a selector's requirement. */
export function validateLabelValues(values: readonly string[], path: string, errors: FieldError[]): void {
  for (const [index, value] of values.entries()) {
    reportInvalid(errors, item(path, index), value, checkLabelValue(value));
  }
}
