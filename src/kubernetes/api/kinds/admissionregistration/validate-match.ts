// What requests a policy is about: its rules and selectors, and conditions on single requests. Whether a condition's expression
// compiles is asked of the caller.

import { child, duplicate, type FieldError, item, notSupported, required, tooMany } from "../../field-error.ts";
import type { MatchCondition, MatchResources } from "../../generated/types.ts";
import { checkQualifiedName } from "../../names.ts";
import type { ExpressionErrors } from "../check-context.ts";
import { validateLabelSelector } from "../metadata/labels.ts";
import { reportInvalid } from "../report.ts";
import { setRuleDefaults, validateNamedRule } from "./validate-rule.ts";

const mostConditions = 64;
export const matchPolicies: readonly string[] = ["Equivalent", "Exact"];
export const failurePolicies: readonly string[] = ["Fail", "Ignore"];

export function setMatchDefaults(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  setRuleDefaults(match.resourceRules);
  setRuleDefaults(match.excludeResourceRules);
}

export function validateMatchResources(match: MatchResources | undefined, path: string, errors: FieldError[]): void {
  if (!match) return;
  const policyPath = child(path, "matchPolicy");
  if (match.matchPolicy === undefined) errors.push(required(policyPath));
  else if (!matchPolicies.includes(match.matchPolicy)) {
    errors.push(notSupported(policyPath, match.matchPolicy, matchPolicies));
  }
  for (const field of ["namespaceSelector", "objectSelector"] as const) {
    if (!match[field]) errors.push(required(child(path, field)));
    else validateLabelSelector(match[field], child(path, field), errors);
  }
  for (const field of ["resourceRules", "excludeResourceRules"] as const) {
    for (const [index, rule] of (match[field] ?? []).entries()) {
      validateNamedRule(rule, item(child(path, field), index), errors);
    }
  }
}

export function validateMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const list = conditions ?? [];
  if (list.length > mostConditions) errors.push(tooMany(path, list.length, mostConditions));
  const known = new Set<string>();
  for (const [index, { name, expression }] of list.entries()) {
    const namePath = child(item(path, index), "name");
    const expressionPath = child(item(path, index), "expression");
    if (expression.trim() === "") errors.push(required(expressionPath));
    else errors.push(...expressionErrors(expressionPath));
    if (name === "") errors.push(required(namePath));
    else reportInvalid(errors, namePath, name, checkQualifiedName(name));
    if (name !== "" && known.has(name)) errors.push(duplicate(namePath, name));
    known.add(name);
  }
}
