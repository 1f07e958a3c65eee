// Conditions a device must reach, or must not, before a pod that uses it is bound.

import { child, duplicate, type FieldError, invalid, item } from "../../field-error.ts";
import { validateLabelName } from "../metadata/labels.ts";
import { validateItems } from "./collections.ts";

const mostConditions = 4;

interface BindingConditions {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

export function validateBindingConditions(value: BindingConditions, path: string, errors: FieldError[]): void {
  const { bindingConditions: wanted = [], bindingFailureConditions: feared = [] } = value;
  const wantedPath = child(path, "bindingConditions");
  const fearedPath = child(path, "bindingFailureConditions");
  validateItems(wanted, mostConditions, wantedPath, errors, validateLabelName);
  validateItems(feared, mostConditions, fearedPath, errors, validateLabelName);
  for (const [index, condition] of wanted.entries()) {
    if (wanted.indexOf(condition) < index) errors.push(duplicate(item(wantedPath, index), condition));
  }
  for (const [index, condition] of feared.entries()) {
    if (feared.indexOf(condition) < index) errors.push(duplicate(item(fearedPath, index), condition));
    if (wanted.includes(condition)) {
      const why = "bindingFailureConditions must not overlap with bindingConditions";
      errors.push(invalid(item(fearedPath, index), condition, why));
    }
  }
  reportMissing(wanted, feared, [wantedPath, "bindingConditions", "bindingFailureConditions"], errors);
  reportMissing(feared, wanted, [fearedPath, "bindingFailureConditions", "bindingConditions"], errors);
}

/** Neither goes without the other. */
function reportMissing(
  missing: readonly string[],
  present: readonly string[],
  [path, missingName, presentName]: readonly [string, string, string],
  errors: FieldError[],
): void {
  if (missing.length > 0 || present.length === 0) return;
  errors.push(invalid(path, null, `${missingName} are required to use ${presentName}`));
}
