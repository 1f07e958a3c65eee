// Whether an RBAC rule allows what is asked (upstream's rbac.RuleAllows).

import type { PolicyRule } from "#kubernetes/api";
import type { AuthorizationAttributes } from "./authorizer.ts";

export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!includesOrStar(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResourceRequest) return matchesPath(rule.nonResourceURLs, attributes.path);
  return (
    includesOrStar(rule.apiGroups, attributes.apiGroup) &&
    matchesResource(rule.resources, attributes.resource, attributes.subresource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}

function includesOrStar(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes("*"));
}

/** "pods/log", every resource with "*", and a subresource of any with "*"+"/scale". */
function matchesResource(list: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (!list) return false;
  if (subresource === "") return list.includes(resource) || list.includes("*");
  return list.includes("*") || list.includes(`${resource}/${subresource}`) || list.includes(`*/${subresource}`);
}

function matchesPath(list: readonly string[] | undefined, path: string): boolean {
  if (!list) return false;
  return list.some((url) => url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))));
}
