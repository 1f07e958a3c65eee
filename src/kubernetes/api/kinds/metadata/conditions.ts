// Checks of conditions in the form that newer kinds share (metav1.Condition).

import {
  child,
  duplicate,
  type FieldError,
  invalid,
  item,
  notSupported,
  required,
  tooLong,
} from "../../field-error.ts";
import type { Condition } from "../../generated/types.ts";
import { regexError } from "../../names.ts";
import { validateLabelName } from "./labels.ts";

const longestReason = 1024;
const longestMessage = 32 * 1024;
const statuses = ["False", "True", "Unknown"];
const reasonFormat = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const reasonExpression = new RegExp(`^${reasonFormat}$`);
const reasonProblem = regexError(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  reasonFormat,
  ["my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"],
);

/** Each type once, and each condition sound. */
export function validateConditions(
  conditions: readonly Condition[] | undefined,
  path: string,
  errors: FieldError[],
): void {
  const known = new Set<string>();
  for (const [index, condition] of (conditions ?? []).entries()) {
    const conditionPath = item(path, index);
    if (known.has(condition.type)) errors.push(duplicate(child(conditionPath, "type"), condition.type));
    known.add(condition.type);
    validateCondition(condition, conditionPath, errors);
  }
}

function validateCondition(condition: Condition, path: string, errors: FieldError[]): void {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition;
  validateLabelName(type, child(path, "type"), errors);
  if (!statuses.includes(status)) errors.push(notSupported(child(path, "status"), status, statuses));
  if (observedGeneration < 0) {
    const why = "must be greater than or equal to zero";
    errors.push(invalid(child(path, "observedGeneration"), observedGeneration, why));
  }
  if (!lastTransitionTime) errors.push(required(child(path, "lastTransitionTime")));
  validateReason(reason, child(path, "reason"), errors);
  if (Buffer.byteLength(message) > longestMessage) errors.push(tooLong(child(path, "message"), longestMessage));
}

function validateReason(reason: string, path: string, errors: FieldError[]): void {
  if (reason === "") {
    errors.push(required(path));
    return;
  }
  if (!reasonExpression.test(reason)) errors.push(invalid(path, reason, reasonProblem));
  if (Buffer.byteLength(reason) > longestReason) errors.push(tooLong(path, longestReason));
}
