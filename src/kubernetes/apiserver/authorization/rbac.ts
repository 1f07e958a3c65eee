// Role-based access control: allowed is what a rule of a role allows that a binding gives to the user or one of its groups.

import { type ClusterRoleBinding, formatGroupResource, quote, type RoleBinding, type Subject } from "#kubernetes/api";
import { type Authorizer, noOpinion } from "./authorizer.ts";
import type { BoundSubject, RbacIndex } from "./rbac-index.ts";
import { ruleAllows } from "./rule-match.ts";

const rbacGroup = "rbac.authorization.k8s.io";

export function createRbacAuthorizer(index: RbacIndex): Authorizer {
  return {
    authorize(attributes) {
      const namespace = attributes.isResourceRequest ? attributes.namespace : "";
      const missing: string[] = [];
      for (const bound of index.bindingsFor(attributes.user, namespace)) {
        const rules = index.rulesOf(bound.binding.roleRef, bound.binding.metadata.namespace ?? "");
        if (!rules) missing.push(describeMissing(bound.binding));
        else if (rules.some((rule) => ruleAllows(rule, attributes))) {
          return { allowed: true, reason: `RBAC: allowed by ${describeBinding(bound)}` };
        }
      }
      return missing.length > 0 ? { allowed: false, reason: `RBAC: ${joinErrors(missing)}` } : noOpinion;
    },
    rulesFor(user, namespace) {
      const missing: string[] = [];
      const rules = [...index.bindingsFor(user, namespace)].flatMap(({ binding }) => {
        const found = index.rulesOf(binding.roleRef, binding.metadata.namespace ?? "");
        if (!found) missing.push(describeMissing(binding));
        return found ?? [];
      });
      return { rules, incomplete: false, ...(missing.length > 0 && { evaluationError: joinErrors(missing) }) };
    },
  };
}

function joinErrors(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(", ")}]`;
}

function describeMissing({ roleRef }: RoleBinding | ClusterRoleBinding): string {
  if (roleRef.kind !== "Role" && roleRef.kind !== "ClusterRole") {
    return `unsupported role reference kind: ${quote(roleRef.kind)}`;
  }
  const resource = formatGroupResource({ group: rbacGroup, resource: roleRef.kind.toLowerCase() });
  return `${resource} ${quote(roleRef.name)} not found`;
}

function describeBinding({ binding, subject }: BoundSubject): string {
  const { name, namespace } = binding.metadata;
  const what = namespace === undefined ? "ClusterRoleBinding" : "RoleBinding";
  const subjectName = namespace === undefined ? name : `${name}/${namespace}`;
  const role = `${binding.roleRef.kind} ${quote(binding.roleRef.name)}`;
  return `${what} ${quote(subjectName ?? "")} of ${role} to ${describeSubject(subject, namespace ?? "")}`;
}

function describeSubject(subject: Subject, namespace: string): string {
  if (subject.kind !== "ServiceAccount") return `${subject.kind} ${quote(subject.name)}`;
  return `${subject.kind} ${quote(`${subject.name}/${subject.namespace || namespace}`)}`;
}
