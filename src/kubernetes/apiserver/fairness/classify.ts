// Which flow a request belongs to: the first FlowSchema, by precedence and name, one of whose rules fits it.

import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  UserInfo,
} from "#kubernetes/api";
import type { RequestInfo } from "../request-info.ts";

/** A subject of a FlowSchema. */
type FlowSubject = NonNullable<PolicyRulesWithSubjects["subjects"]>[number];

/** In the order they are tried. */
export function sortSchemas(schemas: Iterable<FlowSchema>): FlowSchema[] {
  return [...schemas].sort(
    (a, b) =>
      (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) ||
      ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1),
  );
}

export function matchesSchema({ spec }: FlowSchema, user: UserInfo, info: RequestInfo): boolean {
  return (spec?.rules ?? []).some(
    (rule) => (rule.subjects ?? []).some((subject) => matchesSubject(subject, user)) && matchesRules(rule, info),
  );
}

/** What keeps a schema's flows apart: the user, the namespace, or nothing. */
export function distinguisherOf({ spec }: FlowSchema, user: UserInfo, info: RequestInfo): string {
  const method = spec?.distinguisherMethod?.type;
  if (method === "ByUser") return user.name;
  return method === "ByNamespace" ? info.namespace : "";
}

function matchesSubject(subject: FlowSubject, user: UserInfo): boolean {
  if (subject.kind === "User") return subject.user?.name === "*" || subject.user?.name === user.name;
  if (subject.kind === "Group") {
    const name = subject.group?.name ?? "";
    return name === "*" || user.groups.includes(name);
  }
  const { name = "", namespace = "" } = subject.serviceAccount ?? {};
  if (name !== "*") return user.name === `system:serviceaccount:${namespace}:${name}`;
  return user.name.startsWith(`system:serviceaccount:${namespace}:`);
}

function matchesRules({ resourceRules, nonResourceRules }: PolicyRulesWithSubjects, info: RequestInfo): boolean {
  if (info.isResourceRequest) return (resourceRules ?? []).some((rule) => matchesResource(rule, info));
  return (nonResourceRules ?? []).some((rule) => matchesPath(rule, info));
}

function matchesResource(rule: ResourcePolicyRule, info: RequestInfo): boolean {
  const { verb, apiGroup, resource, subresource, namespace } = info;
  const wanted = subresource === "" ? resource : `${resource}/${subresource}`;
  if (!includes(rule.verbs, verb) || !includes(rule.apiGroups, apiGroup) || !includes(rule.resources, wanted)) {
    return false;
  }
  return namespace === "" ? rule.clusterScope === true : includes(rule.namespaces, namespace);
}

function matchesPath({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: RequestInfo): boolean {
  if (!includes(verbs, verb)) return false;
  return (nonResourceURLs ?? []).some(
    (pattern) =>
      pattern === "*" || pattern === path || (pattern.endsWith("/*") && path.startsWith(pattern.slice(0, -1))),
  );
}

function includes(values: readonly string[] | null | undefined, value: string): boolean {
  return values?.some((each) => each === "*" || each === value) ?? false;
}
