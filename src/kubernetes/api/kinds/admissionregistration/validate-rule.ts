// Rules: which operations on which resources a webhook or policy is asked about.

import { child, duplicate, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { NamedRuleWithOperations, RuleWithOperations } from "../../generated/types.ts";
import { checkPathSegmentName } from "../../names.ts";
import { reportInvalid, reportUnsupported } from "../report.ts";

const operationsOfRules = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const mutatingOperations = operationsOfRules.filter((operation) => operation !== "DELETE");
const scopes = ["*", "Cluster", "Namespaced"];

export function setRuleDefaults(rules: readonly RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= "*";
}

export function validateRule(rule: RuleWithOperations, path: string, errors: FieldError[]): void {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [] } = rule;
  const operationsPath = child(path, "operations");
  validateWildcards(operations, operationsPath, "operations", errors);
  for (const [index, operation] of operations.entries()) {
    reportUnsupported(errors, item(operationsPath, index), operation, operationsOfRules);
  }
  validateWildcards(apiGroups, child(path, "apiGroups"), "API groups", errors);
  const versionsPath = child(path, "apiVersions");
  validateWildcards(apiVersions, versionsPath, "API versions", errors);
  for (const [index, version] of apiVersions.entries()) {
    if (version === "") errors.push(required(item(versionsPath, index)));
  }
  validateResources(resources, child(path, "resources"), errors);
  reportUnsupported(errors, child(path, "scope"), rule.scope, scopes);
}

export function validateNamedRule(rule: NamedRuleWithOperations, path: string, errors: FieldError[]): void {
  const { resourceNames = [] } = rule;
  for (const [index, name] of resourceNames.entries()) {
    const namePath = item(child(path, "resourceNames"), index);
    reportInvalid(errors, namePath, name, checkPathSegmentName(name));
    if (resourceNames.indexOf(name) < index) errors.push(duplicate(namePath, name));
  }
  validateRule(rule, path, errors);
}

/** Nothing is mutated by being deleted. */
export function validateMutatingOperations(
  rules: readonly NamedRuleWithOperations[] | undefined,
  path: string,
  errors: FieldError[],
): void {
  for (const operation of (rules ?? []).flatMap(({ operations = [] }) => operations)) {
    if (mutatingOperations.includes(operation)) continue;
    errors.push(notSupported(child(path, "resourceRules", "operations"), operation, mutatingOperations));
  }
}

function validateWildcards(values: readonly string[], path: string, what: string, errors: FieldError[]): void {
  if (values.length === 0) errors.push(required(path));
  if (values.length > 1 && values.includes("*")) {
    errors.push(invalid(path, values, `if '*' is present, must not specify other ${what}`));
  }
}

/** "pods", "pods/status", "pods/*", "*" and the like; none that another already includes. */
function validateResources(resources: readonly string[], path: string, errors: FieldError[]): void {
  if (resources.length === 0) errors.push(required(path));
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  let hasPlain = false;
  for (const [index, text] of resources.entries()) {
    if (text === "") errors.push(required(item(path, index)));
    if (text === "") continue;
    const slash = text.indexOf("/");
    // As upstream has it: the last one without a subresource decides.
    if (slash < 0) hasPlain = text !== "*";
    if (slash < 0) continue;
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    if (wholeResources.has(resource)) reportIncluded(`${resource}/*`, text, item(path, index), errors);
    if (wholeSubresources.has(subresource)) reportIncluded(`*/${subresource}`, text, item(path, index), errors);
    if (subresource === "*") wholeResources.add(resource);
    if (resource === "*") wholeSubresources.add(subresource);
  }
  if (resources.length > 1 && resources.includes("*/*")) {
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes("*") && hasPlain) {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, resources, why));
  }
}

function reportIncluded(by: string, text: string, path: string, errors: FieldError[]): void {
  errors.push(invalid(path, text, `if '${by}' is present, must not specify ${text}`));
}
