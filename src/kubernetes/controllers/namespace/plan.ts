// What is known of a terminating namespace's contents, told in its conditions, and how long to wait for what remains. Pure.

import type { Namespace, NamespaceCondition, Pod, Resource } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { isPodFinished } from "../pods/pod-state.ts";

/** What is left of one resource after an attempt to delete it all. */
export interface Remainder {
  readonly resource: Resource;
  readonly count: number;
  /** How many of them wait for which finalizer. */
  readonly finalizers: Readonly<Record<string, number>>;
  /** Seconds until they should be gone; 0: they should be gone already. */
  readonly estimateSeconds: number;
}

/** What one attempt found out. */
export interface Findings {
  readonly discoveryError?: string;
  readonly contentErrors: readonly string[];
  /** Seconds until what remains should be gone; 0 where nothing remains, or nobody can tell. */
  readonly estimateSeconds: number;
  /** Undefined where the attempt ended before all resources were looked at. */
  readonly remainders?: readonly Remainder[];
}

/** Garbage collection and others take a while to do what finalizers ask for. */
export const finalizerEstimateSeconds = 15;

const conditionTypes = {
  NamespaceDeletionDiscoveryFailure: ["ResourcesDiscovered", "All resources successfully discovered"],
  NamespaceDeletionGroupVersionParsingFailure: ["ParsedGroupVersions", "All legacy kube types successfully parsed"],
  NamespaceDeletionContentFailure: [
    "ContentDeleted",
    "All content successfully deleted, may be waiting on finalization",
  ],
  NamespaceContentRemaining: ["ContentRemoved", "All content successfully removed"],
  NamespaceFinalizersRemaining: ["ContentHasNoFinalizers", "All content-preserving finalizers finished"],
} as const;

/** The namespace's conditions after the findings; undefined where they are so already. */
export function planConditions(
  namespace: Namespace,
  findings: Findings,
  now: string,
): NamespaceCondition[] | undefined {
  const wrong = describeFindings(findings);
  const conditions = [...(namespace.status?.conditions ?? [])];
  let hasChanged = false;
  for (const [type, [okReason, okMessage]] of Object.entries(conditionTypes)) {
    const found = wrong.get(type);
    const [status, reason, message] = found ? ["True", ...found] : ["False", okReason, okMessage];
    const position = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[position];
    if (old && old.status === status && old.reason === reason && old.message === message) continue;
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : now;
    const condition = { type, status, reason, message, ...(lastTransitionTime && { lastTransitionTime }) };
    if (old) conditions[position] = condition;
    else conditions.push(condition);
    hasChanged = true;
  }
  return hasChanged ? conditions : undefined;
}

function describeFindings({ discoveryError, contentErrors, remainders = [] }: Findings) {
  const wrong = new Map<string, readonly [reason: string, message: string]>();
  if (discoveryError !== undefined) wrong.set("NamespaceDeletionDiscoveryFailure", ["DiscoveryFailed", discoveryError]);
  if (contentErrors.length > 0) {
    const list = contentErrors.toSorted().join(", ");
    const message = `Failed to delete all resource types, ${contentErrors.length} remaining: ${list}`;
    wrong.set("NamespaceDeletionContentFailure", ["ContentDeletionFailed", message]);
  }
  const counted = remainders.filter(({ count }) => count > 0);
  if (counted.length > 0) {
    const list = counted.map(
      ({ resource: { resource, group }, count }) => `${resource}.${group} has ${count} resource instances`,
    );
    const message = `Some resources are remaining: ${list.sort().join(", ")}`;
    wrong.set("NamespaceContentRemaining", ["SomeResourcesRemain", message]);
  }
  const finalizers = Object.entries(sumFinalizers(counted));
  if (finalizers.length > 0) {
    const list = finalizers.map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
    const message = `Some content in the namespace has finalizers remaining: ${list.sort().join(", ")}`;
    wrong.set("NamespaceFinalizersRemaining", ["SomeFinalizersRemain", message]);
  }
  return wrong;
}

function sumFinalizers(remainders: readonly Remainder[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { finalizers } of remainders) {
    for (const [finalizer, count] of Object.entries(finalizers)) sums[finalizer] = (sums[finalizer] ?? 0) + count;
  }
  return sums;
}

/** How long the pods of a namespace deleted at `deletedAt` may still take, in seconds; 0 when that time is over. */
export function estimatePodTermination(pods: readonly Pod[], deletedAt: string | undefined, nowMs: number): number {
  let longest = 0;
  for (const pod of pods) {
    if (!isPodFinished(pod)) longest = Math.max(longest, pod.spec?.terminationGracePeriodSeconds ?? 0);
  }
  const elapsedMs = nowMs - (parseTime(deletedAt) ?? nowMs);
  return elapsedMs >= longest * 1000 ? 0 : longest;
}
