// The difference between two statuses as a strategic merge patch: only what changed is sent, and conditions one by one, so that
// what others write at the same time stays.

import type { PodCondition, PodStatus } from "#kubernetes/api";

/** The patch from one status to the other; undefined where they are the same. */
export function statusPatch(from: PodStatus, to: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]) as Set<keyof PodStatus>) {
    if (same(from[key], to[key])) continue;
    if (key === "conditions") Object.assign(patch, conditionsPatch(from.conditions ?? [], to.conditions ?? []));
    else if (key === "podIPs" || key === "hostIPs") Object.assign(patch, addressesPatch(key, from[key], to[key]));
    else patch[key] = to[key] ?? null;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function conditionsPatch(from: readonly PodCondition[], to: readonly PodCondition[]): Record<string, unknown> {
  const changed = to.flatMap((condition) => {
    const before = from.find(({ type }) => type === condition.type);
    return before ? conditionPatch(before, condition) : [condition];
  });
  const removed = from
    .filter(({ type }) => !to.some((condition) => condition.type === type))
    .map(({ type }) => ({ $patch: "delete", type }));
  const all = [...changed, ...removed];
  if (all.length === 0) return {};
  return { conditions: all, "$setElementOrder/conditions": to.map(({ type }) => ({ type })) };
}

function conditionPatch(from: PodCondition, to: PodCondition): object[] {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]) as Set<keyof PodCondition>) {
    if (!same(from[key], to[key])) patch[key] = to[key] ?? null;
  }
  return Object.keys(patch).length > 0 ? [{ ...patch, type: to.type }] : [];
}

function addressesPatch(
  key: "podIPs" | "hostIPs",
  from: readonly { readonly ip?: string }[] = [],
  to: readonly { readonly ip?: string }[] = [],
): Record<string, unknown> {
  const removed = from.filter(({ ip }) => !to.some((each) => each.ip === ip));
  return {
    [key]: [...to, ...removed.map(({ ip }) => ({ $patch: "delete", ip }))],
    [`$setElementOrder/${key}`]: to.map(({ ip }) => ({ ip })),
  };
}

/** Equal as JSON: what is undefined or null is as if it were not there. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || (a ?? undefined) === (b ?? undefined)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  return Object.keys({ ...left, ...right }).every((key) => same(left[key], right[key]));
}
