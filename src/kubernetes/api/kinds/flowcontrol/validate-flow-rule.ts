// A rule of a FlowSchema: whose requests, and which of them.

import { child, type FieldError, forbiddenField, invalid, item, notSupported, required } from "../../field-error.ts";
import type {
  FlowcontrolV1Subject,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
} from "../../generated/types.ts";
import { checkDNSLabelName, checkDNSSubdomainName } from "../../names.ts";
import { reportInvalid } from "../report.ts";

/** In order, as messages show them. */
const knownVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

export function validateFlowRule(rule: PolicyRulesWithSubjects, path: string, errors: FieldError[]): void {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  const subjectsPath = child(path, "subjects");
  if (!subjects?.length) errors.push(required(subjectsPath, "subjects must contain at least one value"));
  for (const [index, subject] of (subjects ?? []).entries()) {
    validateSubject(subject, item(subjectsPath, index), errors);
  }
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(path, "at least one of resourceRules and nonResourceRules has to be non-empty"));
  }
  for (const [index, each] of resourceRules.entries()) {
    validateResourceRule(each, item(child(path, "resourceRules"), index), errors);
  }
  for (const [index, each] of nonResourceRules.entries()) {
    validateNonResourceRule(each, item(child(path, "nonResourceRules"), index), errors);
  }
}

/** The field of each kind of subject, in the order others are looked for. */
const subjectFields = { ServiceAccount: "serviceAccount", User: "user", Group: "group" } as const;

function validateSubject(subject: FlowcontrolV1Subject, path: string, errors: FieldError[]): void {
  const { kind } = subject;
  if (!(kind in subjectFields)) {
    errors.push(notSupported(child(path, "kind"), kind, Object.keys(subjectFields).sort()));
    return;
  }
  const own = subjectFields[kind as keyof typeof subjectFields];
  validateOwnSubject(subject, own, kind, child(path, own), errors);
  for (const [otherKind, field] of Object.entries(subjectFields)) {
    if (field === own || !subject[field]) continue;
    errors.push(forbiddenField(child(path, field), `${field} is forbidden when subject kind is not '${otherKind}'`));
  }
}

function validateOwnSubject(
  subject: FlowcontrolV1Subject,
  field: "serviceAccount" | "user" | "group",
  kind: string,
  path: string,
  errors: FieldError[],
): void {
  const value = subject[field];
  if (!value) {
    errors.push(required(path, `${field} is required when subject kind is '${kind}'`));
    return;
  }
  if (!value.name) errors.push(required(child(path, "name")));
  if (field !== "serviceAccount") return;
  const { name, namespace } = subject.serviceAccount!;
  if (name && name !== "*") reportInvalid(errors, child(path, "name"), name, checkDNSSubdomainName(name, false));
  const namespacePath = child(path, "namespace");
  if (!namespace) errors.push(required(namespacePath, "must specify namespace for service account"));
  else reportInvalid(errors, namespacePath, namespace, checkDNSLabelName(namespace, false));
}

function validateVerbs(verbs: readonly string[] | undefined, path: string, errors: FieldError[]): void {
  if (!verbs?.length) errors.push(required(path, "verbs must contain at least one value"));
  else if (verbs.includes("*")) reportCompany(verbs, path, "verbs", errors);
  else if (!verbs.every((verb) => knownVerbs.includes(verb))) errors.push(notSupported(path, verbs, knownVerbs));
}

/** "*" says all there is to say. */
function reportCompany(values: readonly string[], path: string, what: string, errors: FieldError[]): void {
  if (values.length > 1 && values.includes("*")) {
    errors.push(invalid(path, values, `if '*' is present, must not specify other ${what}`));
  }
}

function validateResourceRule(rule: ResourcePolicyRule, path: string, errors: FieldError[]): void {
  const { verbs, apiGroups, resources, namespaces, clusterScope } = rule;
  validateVerbs(verbs, child(path, "verbs"), errors);
  const listed = [
    ["apiGroups", apiGroups, "api group"],
    ["resources", resources, "resource"],
  ] as const;
  for (const [field, values, what] of listed) {
    if (!values?.length) errors.push(required(child(path, field), `resource rules must supply at least one ${what}`));
    else reportCompany(values, child(path, field), `${what}s`, errors);
  }
  const namespacesPath = child(path, "namespaces");
  if (!namespaces?.length && !clusterScope) {
    const why = "resource rules that are not cluster scoped must supply at least one namespace";
    errors.push(required(namespacesPath, why));
  } else if (namespaces?.includes("*")) reportCompany(namespaces, namespacesPath, "namespaces", errors);
  else {
    for (const [index, namespace] of (namespaces ?? []).entries()) {
      const problems = checkDNSLabelName(namespace, false);
      const told = problems.map((problem) => `each member of this list must be '*' or a DNS-1123 label; ${problem}`);
      reportInvalid(errors, item(namespacesPath, index), namespace, told);
    }
  }
}

function validateNonResourceRule(rule: NonResourcePolicyRule, path: string, errors: FieldError[]): void {
  const { verbs, nonResourceURLs } = rule;
  validateVerbs(verbs, child(path, "verbs"), errors);
  const urlsPath = child(path, "nonResourceURLs");
  if (!nonResourceURLs?.length) errors.push(required(urlsPath, "nonResourceURLs must contain at least one value"));
  else if (nonResourceURLs.includes("*")) reportCompany(nonResourceURLs, urlsPath, "non-resource URLs", errors);
  else {
    for (const [index, url] of nonResourceURLs.entries()) {
      const problem = describePathProblem(url);
      if (problem !== undefined) errors.push(invalid(item(urlsPath, index), url, problem));
    }
  }
}

function describePathProblem(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path === "/") return undefined;
  if (!path.startsWith("/")) return "must start with slash";
  if (path.includes(" ")) return "must not contain white-space";
  if (path.includes("//")) return "must not contain double slash";
  const first = path.indexOf("*");
  if (first >= 0 && (first !== path.length - 1 || !path.endsWith("/*"))) return "wildcard can only do suffix matching";
  return undefined;
}
