// What a Job does with pods that fail in a certain way.

import {
  child,
  duplicate,
  type FieldError,
  invalid,
  item,
  notSupported,
  omittedValue,
  required,
  tooMany,
} from "../../field-error.ts";
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from "../../generated/types.ts";
import { quote } from "../../go-format.ts";
import { checkQualifiedName } from "../../names.ts";
import { reportInvalid } from "../report.ts";

const mostRules = 20;
const mostPatterns = 20;
const mostExitCodes = 255;
const actions = ["Count", "FailIndex", "FailJob", "Ignore"];
const operators = ["In", "NotIn"];
const statuses = ["False", "True", "Unknown"];

export function validatePodFailurePolicy(spec: JobSpec, path: string, errors: FieldError[]): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const rulesPath = child(path, "rules");
  if (rules.length > mostRules) errors.push(tooMany(rulesPath, rules.length, mostRules));
  for (const [index, rule] of rules.entries()) validateRule(rule, spec, item(rulesPath, index), errors);
}

function validateRule(rule: PodFailurePolicyRule, spec: JobSpec, path: string, errors: FieldError[]): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const actionPath = child(path, "action");
  validateChoice(action, actions, actionPath, errors);
  if (action === "FailIndex" && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalid(actionPath, action, "requires the backoffLimitPerIndex to be set"));
  }
  if (onExitCodes) validateExitCodes(onExitCodes, spec, child(path, "onExitCodes"), errors);
  if (onPodConditions.length > 0) validatePatterns(onPodConditions, child(path, "onPodConditions"), errors);
  if (onExitCodes && onPodConditions.length > 0) {
    errors.push(invalid(path, omittedValue, "specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    errors.push(invalid(path, omittedValue, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
}

/** One of the choices has to be made. */
function validateChoice(value: string, choices: readonly string[], path: string, errors: FieldError[]): void {
  if (value === "") errors.push(required(path, `valid values: [${choices.map(quote).join(" ")}]`));
  else if (!choices.includes(value)) errors.push(notSupported(path, value, choices));
}

function validatePatterns(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: string,
  errors: FieldError[],
): void {
  if (patterns.length > mostPatterns) errors.push(tooMany(path, patterns.length, mostPatterns));
  for (const [index, { type, status = "" }] of patterns.entries()) {
    const patternPath = item(path, index);
    reportInvalid(errors, child(patternPath, "type"), type, checkQualifiedName(type));
    validateChoice(status, statuses, child(patternPath, "status"), errors);
  }
}

function validateExitCodes(
  requirement: PodFailurePolicyOnExitCodesRequirement,
  spec: JobSpec,
  path: string,
  errors: FieldError[],
): void {
  const { operator, containerName } = requirement;
  const values = requirement.values ?? undefined;
  validateChoice(operator, operators, child(path, "operator"), errors);
  if (containerName !== undefined && !hasContainer(spec, containerName)) {
    const why = "must be one of the container or initContainer names in the pod template";
    errors.push(invalid(child(path, "containerName"), containerName, why));
  }
  const valuesPath = child(path, "values");
  if (!values?.length) errors.push(invalid(valuesPath, values, "at least one value is required"));
  else validateValues(values, operator, valuesPath, errors);
}

function hasContainer({ template }: JobSpec, name: string): boolean {
  const { containers, initContainers } = template.spec ?? {};
  return [...(containers ?? []), ...(initContainers ?? [])].some((container) => container.name === name);
}

function validateValues(values: readonly number[], operator: string, path: string, errors: FieldError[]): void {
  if (values.length > mostExitCodes) errors.push(tooMany(path, values.length, mostExitCodes));
  const known = new Set<number>();
  for (const [index, value] of values.entries()) {
    const valuePath = item(path, index);
    if (operator === "In" && value === 0) errors.push(invalid(valuePath, value, "must not be 0 for the In operator"));
    if (known.has(value)) errors.push(duplicate(valuePath, value));
    known.add(value);
  }
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
  if (!isOrdered) errors.push(invalid(path, values, "must be ordered"));
}
