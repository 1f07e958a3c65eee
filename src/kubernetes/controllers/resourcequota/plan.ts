// What a quota's status should say: its limits, and what is used of them. Pure.

import {
  addResources,
  equalResources,
  type KubeObject,
  maskResources,
  type QuotaEvaluator,
  quotaScopesOf,
  type ResourceList,
  type ResourceQuota,
  type ResourceQuotaStatus,
} from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";

/** The objects of one resource in the quota's namespace. */
export interface Counted {
  readonly evaluator: QuotaEvaluator;
  list(): readonly KubeObject[];
}

/** Undefined where the status is right. What nothing is known of keeps the usage it had. */
export function planStatus(
  quota: ResourceQuota,
  counted: readonly Counted[],
  nowMs: number,
): ResourceQuotaStatus | undefined {
  const hard = quota.spec?.hard ?? {};
  const names = Object.keys(hard);
  const { hard: hardBefore, used: usedBefore } = quota.status ?? {};
  let found: ResourceList = {};
  for (const { evaluator, list } of counted) {
    const relevant = names.filter((name) => evaluator.counts(name));
    if (relevant.length > 0) found = { ...found, ...usageOf(quota, evaluator, list(), relevant, nowMs) };
  }
  const used = maskResources({ ...usedBefore, ...found }, names);
  const isSame = hardBefore && usedBefore && isSameJson(hard, hardBefore) && equalResources(used, usedBefore);
  return isSame ? undefined : { hard: { ...hard }, used: { ...used } };
}

function usageOf(
  quota: ResourceQuota,
  evaluator: QuotaEvaluator,
  objects: readonly KubeObject[],
  names: readonly string[],
  nowMs: number,
): ResourceList {
  const scopes = quotaScopesOf(quota);
  let sum: ResourceList = Object.fromEntries(names.map((name) => [name, "0"]));
  for (const object of objects) {
    if (!scopes.every((scope) => evaluator.matchesScope(scope, object))) continue;
    sum = addResources(sum, maskResources(evaluator.usage(object, nowMs), names));
  }
  return sum;
}

/** Whether a change of an object may change what a quota says. */
export function concerns(
  quota: ResourceQuota,
  evaluator: QuotaEvaluator,
  { object, old }: { readonly object: KubeObject; readonly old: KubeObject },
  nowMs: number,
): boolean {
  if (!Object.keys(quota.spec?.hard ?? {}).some((name) => evaluator.counts(name))) return false;
  const isSameScope = quotaScopesOf(quota).every(
    (scope) => evaluator.matchesScope(scope, object) === evaluator.matchesScope(scope, old),
  );
  return !isSameScope || !equalResources(evaluator.usage(object, nowMs), evaluator.usage(old, nowMs));
}
