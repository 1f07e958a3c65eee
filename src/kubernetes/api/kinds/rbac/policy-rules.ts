// The rules of Roles and ClusterRoles: verbs on resources, or on paths of URLs.

import { child, type FieldError, invalid, item, required } from "../../field-error.ts";
import type { PolicyRule } from "../../generated/types.ts";

export function validateRules(
  rules: readonly PolicyRule[] | undefined | null,
  errors: FieldError[],
  { namespaced }: { readonly namespaced: boolean },
): void {
  for (const [index, rule] of (rules ?? []).entries()) validateRule(rule, item("rules", index), errors, namespaced);
}

function validateRule(rule: PolicyRule, path: string, errors: FieldError[], namespaced: boolean): void {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs: urls = [] } = rule;
  if (!verbs?.length) errors.push(required(child(path, "verbs"), "verbs must contain at least one value"));
  if (urls.length === 0) {
    if (apiGroups.length === 0) {
      errors.push(required(child(path, "apiGroups"), "resource rules must supply at least one api group"));
    }
    if (resources.length === 0) {
      errors.push(required(child(path, "resources"), "resource rules must supply at least one resource"));
    }
    return;
  }
  const urlsPath = child(path, "nonResourceURLs");
  if (namespaced) errors.push(invalid(urlsPath, urls, "namespaced rules cannot apply to non-resource URLs"));
  if (apiGroups.length + resources.length + resourceNames.length > 0) {
    errors.push(invalid(urlsPath, urls, "rules cannot apply to both regular resources and non-resource URLs"));
  }
}
