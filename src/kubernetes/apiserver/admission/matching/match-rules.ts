// Which requests rules of webhooks and policies name: by operation, group, version, resource, scope and, of policies, name.

import type { NamedRuleWithOperations } from "#kubernetes/api";
import type { AdmissionRequest } from "../admission.ts";

/** What rules look at; the version may be another than the request's. */
export type RuleTarget = Pick<
  AdmissionRequest,
  "operation" | "group" | "version" | "resource" | "subresource" | "namespace" | "name"
>;

export function matchesRule(rule: NamedRuleWithOperations, target: RuleTarget): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], resourceNames = [], scope } = rule;
  return (
    matchesScope(scope, target) &&
    includes(operations, target.operation) &&
    includes(apiGroups, target.group) &&
    includes(apiVersions, target.version) &&
    resources.some((pattern) => matchesResource(pattern, target)) &&
    (resourceNames.length === 0 || resourceNames.includes(target.name))
  );
}

function includes(items: readonly string[], wanted: string): boolean {
  return items.includes("*") || items.includes(wanted);
}

/** A Namespace is of the cluster, although the namespace of a request about it is its own name. */
function matchesScope(scope: string | undefined, { group, resource, namespace }: RuleTarget): boolean {
  if (scope === undefined || scope === "*") return true;
  const isOfCluster = namespace === "" || (group === "" && resource === "namespaces");
  return scope === "Cluster" ? isOfCluster : scope === "Namespaced" && !isOfCluster;
}

/** "pods", "pods/log", "pods/*", "*\/status", "*", "*\/*". */
function matchesResource(pattern: string, { resource, subresource }: RuleTarget): boolean {
  const [wanted = "", sub = ""] = pattern.split("/", 2);
  return (wanted === "*" || wanted === resource) && (sub === "*" || sub === subresource);
}

const configurationKinds = new Set([
  "ValidatingWebhookConfiguration",
  "MutatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
]);

/** What configures admission is not subject to it: one could not undo what one did. */
export function isExempt({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return group === "admissionregistration.k8s.io" && configurationKinds.has(kind);
}
