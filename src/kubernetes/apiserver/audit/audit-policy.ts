// The audit policy (audit.k8s.io/v1): the file, read and checked, and which of its rules a request falls under: the first.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/

import { z } from "zod";
import { parseYamlDocuments } from "#kubernetes/api";
import { UserError } from "#shared";
import type { AuthorizationAttributes } from "../authorization/authorizer.ts";

export const auditLevels = ["None", "Metadata", "Request", "RequestResponse"] as const;
export type AuditLevel = (typeof auditLevels)[number];
const auditStages = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;
export type AuditStage = (typeof auditStages)[number];

const names = z.array(z.string()).default([]);
const stages = z.array(z.enum(auditStages)).default([]);

const rule = z
  .strictObject({
    level: z.enum(auditLevels),
    users: names,
    userGroups: names,
    verbs: names,
    resources: z
      .array(z.strictObject({ group: z.string().default(""), resources: names, resourceNames: names }))
      .default([]),
    namespaces: names,
    nonResourceURLs: z
      .array(z.string().regex(/^(\*|\/[^*]*\*?)$/, "must be '*' or begin with '/', with '*' at its end only"))
      .default([]),
    omitStages: stages,
    omitManagedFields: z.boolean().optional(),
  })
  .refine(
    ({ resources, namespaces, nonResourceURLs }) =>
      nonResourceURLs.length === 0 || resources.length + namespaces.length === 0,
    "rules cannot apply to both regular resources and non-resource URLs",
  );

const policy = z.strictObject({
  apiVersion: z.literal("audit.k8s.io/v1"),
  kind: z.literal("Policy"),
  metadata: z.looseObject({}).optional(),
  omitStages: stages,
  omitManagedFields: z.boolean().default(false),
  rules: z.array(rule).min(1, "at least one rule is needed"),
});

export type AuditPolicy = z.infer<typeof policy>;
type AuditRule = AuditPolicy["rules"][number];

/** What of a request is written down. */
export interface AuditSettings {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** Reads the file's text. Throws a UserError that names every field that is wrong. */
export function readAuditPolicy(text: string): AuditPolicy {
  let document: unknown;
  try {
    [document] = parseYamlDocuments(text);
  } catch (error) {
    throw new UserError(`Cannot read the audit policy: ${(error as Error).message}`);
  }
  const result = policy.safeParse(document);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
  throw new UserError(`Cannot use the audit policy: ${problems.join("; ")}`, {
    hints: ["See https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/"],
  });
}

/** A policy made ready: settings are made once for each rule, not for each request. */
export function compileAuditPolicy(policy: AuditPolicy): (attributes: AuthorizationAttributes) => AuditSettings {
  const rules = policy.rules.map((each) => ({
    rule: each,
    settings: {
      level: each.level,
      omitStages: new Set([...policy.omitStages, ...each.omitStages]),
      omitManagedFields: each.omitManagedFields ?? policy.omitManagedFields,
    },
  }));
  const none: AuditSettings = { level: "None", omitStages: new Set(), omitManagedFields: policy.omitManagedFields };
  return (attributes) => rules.find(({ rule: each }) => matches(each, attributes))?.settings ?? none;
}

function matches(rule: AuditRule, attributes: AuthorizationAttributes): boolean {
  const { users, userGroups, verbs, resources, namespaces, nonResourceURLs } = rule;
  const { user, verb, isResourceRequest, path } = attributes;
  if (users.length > 0 && !users.includes(user.name)) return false;
  if (userGroups.length > 0 && !userGroups.some((group) => user.groups.includes(group))) return false;
  if (verbs.length > 0 && !verbs.includes(verb)) return false;
  if (resources.length + namespaces.length > 0) return isResourceRequest && matchesResource(rule, attributes);
  if (nonResourceURLs.length === 0) return true;
  return !isResourceRequest && nonResourceURLs.some((pattern) => matchesPath(pattern, path));
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}

function matchesResource({ namespaces, resources }: AuditRule, attributes: AuthorizationAttributes): boolean {
  const { namespace, apiGroup, resource, subresource, name } = attributes;
  if (namespaces.length > 0 && !namespaces.includes(namespace)) return false;
  if (resources.length === 0) return true;
  const full = subresource === "" ? resource : `${resource}/${subresource}`;
  return resources.some((each) => {
    if (each.group !== apiGroup) return false;
    if (each.resources.length === 0) return true;
    if (each.resourceNames.length > 0 && !each.resourceNames.includes(name)) return false;
    return each.resources.some((pattern) => matchesName(pattern, full, resource, subresource));
  });
}

/** "pods", "pods/log", "pods/*", "*\/scale", "*". */
function matchesName(pattern: string, full: string, resource: string, subresource: string): boolean {
  if (pattern === "*" || pattern === full) return true;
  if (subresource === "") return false;
  return pattern === `*/${subresource}` || pattern === `${resource}/*`;
}
