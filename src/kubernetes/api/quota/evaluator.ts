// What an object counts for in resource quotas, and which quotas it falls under (upstream's quota evaluators).

import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
  Service,
} from "../generated/types.ts";
import type { KubeObject } from "../resource.ts";
import { claimUsage, isClaimResource, matchesClaimScope } from "./claim-usage.ts";
import { isPodResource, matchesPodScope, missingPodResources, podUsage } from "./pod-usage.ts";
import type { ResourceList } from "./resource-list.ts";
import { isServiceResource, serviceUsage } from "./service-usage.ts";

/** How objects of one resource count. Pure; `now` is in milliseconds. */
export interface QuotaEvaluator {
  /** What one object uses. */
  usage(object: KubeObject, now: number): ResourceList;
  /** Whether a quota's resource name is about such objects. */
  counts(resourceName: string): boolean;
  /** Whether the object is in a scope. */
  matchesScope(requirement: ScopedResourceSelectorRequirement, object: KubeObject): boolean;
  /** What a quota on these resources demands of the object and it does not say; undefined where nothing is missing. */
  missing?(resourceNames: readonly string[], object: KubeObject): string | undefined;
}

const pods: QuotaEvaluator = {
  usage: (object, now) => podUsage(object as Pod, now),
  counts: isPodResource,
  matchesScope: (requirement, object) => matchesPodScope(requirement, object as Pod),
  missing: (names, object) => missingPodResources(names, object as Pod),
};
const services: QuotaEvaluator = {
  usage: (object) => serviceUsage(object as Service),
  counts: isServiceResource,
  matchesScope: () => false,
};
const claims: QuotaEvaluator = {
  usage: (object) => claimUsage(object as PersistentVolumeClaim),
  counts: isClaimResource,
  matchesScope: (requirement, object) => matchesClaimScope(requirement, object as PersistentVolumeClaim),
};

/** Resources counted under a plain name besides count/…, since before there was that form. */
const plainNames = new Set(["configmaps", "resourcequotas", "replicationcontrollers", "secrets"]);

/** The evaluator of a resource; those nothing is known of are counted. */
export function quotaEvaluatorOf(group: string, resource: string): QuotaEvaluator {
  if (group === "" && resource === "pods") return pods;
  if (group === "" && resource === "services") return services;
  if (group === "" && resource === "persistentvolumeclaims") return claims;
  return objectCounter(group, resource);
}

/** "count/pods", "count/deployments.apps". */
export function objectCountName(group: string, resource: string): string {
  return group === "" ? `count/${resource}` : `count/${resource}.${group}`;
}

function objectCounter(group: string, resource: string): QuotaEvaluator {
  const names = [objectCountName(group, resource)];
  if (group === "" && plainNames.has(resource)) names.push(resource);
  const usage = Object.fromEntries(names.map((name) => [name, "1"]));
  return { usage: () => usage, counts: (name) => names.includes(name), matchesScope: () => false };
}

/** The scopes a quota is narrowed to, both ways of writing them as one. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists" }));
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** Whether the quota is about the object: it limits something the object counts for, and the object is in all its scopes. */
export function quotaApplies(quota: ResourceQuota, evaluator: QuotaEvaluator, object: KubeObject): boolean {
  return (
    Object.keys(quota.status?.hard ?? {}).some((name) => evaluator.counts(name)) &&
    scopesOf(quota).every((scope) => evaluator.matchesScope(scope, object))
  );
}
