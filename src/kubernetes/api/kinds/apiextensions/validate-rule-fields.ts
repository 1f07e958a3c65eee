// What can be said of x-kubernetes-validations without reading their expressions.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { ValidationRule } from "../../generated/types.ts";
import { findUnsupported } from "../../structural/check-structural.ts";
import type { JsonSchema } from "../../structural/json-schema.ts";
import { followFieldPath } from "./field-path.ts";

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

export function validateRuleFields(schema: JsonSchema, path: string): FieldError[] {
  const at = child(path, "x-kubernetes-validations");
  return (schema["x-kubernetes-validations"] ?? []).flatMap((rule, index) => [
    ...checkTexts(rule, item(at, index)),
    ...checkFieldPath(rule.fieldPath ?? "", schema, child(item(at, index), "fieldPath")),
  ]);
}

function checkTexts(
  { rule, message = "", messageExpression = "", reason }: ValidationRule,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const trimmed = message.trim();
  const messagePath = child(path, "message");
  if (rule.trim() === "") errors.push(required(child(path, "rule"), "rule is not specified"));
  else if (message !== "" && trimmed === "")
    errors.push(invalid(messagePath, message, "must be non-empty if specified"));
  else if (hasLineBreaks(trimmed)) errors.push(invalid(messagePath, message, "must not contain line breaks"));
  else if (hasLineBreaks(rule.trim()) && trimmed === "") {
    errors.push(required(messagePath, "message must be specified if rule contains line breaks"));
  }
  if (messageExpression !== "" && messageExpression.trim() === "") {
    const why = "messageExpression must be non-empty if specified";
    errors.push(required(child(path, "messageExpression"), why));
  }
  if (reason !== undefined && !reasons.includes(reason))
    errors.push(notSupported(child(path, "reason"), reason, reasons));
  return errors;
}

function checkFieldPath(text: string, schema: JsonSchema, path: string): FieldError[] {
  if (text === "") return [];
  const errors: FieldError[] = [];
  if (text.trim() === "") errors.push(invalid(path, text, "must be non-empty if specified"));
  if (hasLineBreaks(text)) errors.push(invalid(path, text, "must not contain line breaks"));
  const isKnown = findUnsupported(schema) !== undefined || followFieldPath(text, schema, true).found;
  if (!isKnown) errors.push(invalid(path, text, "must be a valid path"));
  return errors;
}

function hasLineBreaks(text: string): boolean {
  return /[\n\r]/.test(text);
}
