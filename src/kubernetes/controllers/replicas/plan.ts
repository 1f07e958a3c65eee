// How many pods a replica set lacks, which it has too many of, and what its status says. Pure.

import type { Pod, ReplicaSetCondition, ReplicaSetStatus } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { compileLabels, matchesLabels } from "../ownership/selectors.ts";
import { orderForDeletion } from "../pods/deletion-order.ts";
import { isPodAvailable, isPodReady, msUntilNextAvailable } from "../pods/pod-state.ts";
import type { ReplicaOwner } from "./replica-kind.ts";

export interface ReplicaPlan {
  /** How many pods to create. */
  readonly create: number;
  /** Which pods to delete. */
  readonly remove: readonly Pod[];
}

export interface Surroundings {
  /** All pods of the replica sets with the same owner: asked for only where pods have to go. */
  readonly related: () => readonly Pod[];
  readonly nowMs: number;
}

export function planReplicas(
  owner: ReplicaOwner,
  active: readonly Pod[],
  { related, nowMs }: Surroundings,
): ReplicaPlan {
  const wished = owner.spec?.replicas ?? 1;
  const excess = active.length - wished;
  if (owner.metadata.deletionTimestamp !== undefined || excess === 0) return { create: 0, remove: [] };
  if (excess < 0) return { create: -excess, remove: [] };
  if (wished === 0) return { create: 0, remove: active };
  return { create: 0, remove: orderForDeletion(active, related(), nowMs).slice(0, excess) };
}

export interface Observed {
  readonly active: readonly Pod[];
  /** How many are on their way out; undefined where the kind does not say. */
  readonly terminating: number | undefined;
  /** Why pods could not be created or deleted. */
  readonly failure: Error | undefined;
  readonly nowMs: number;
}

export function planStatus(owner: ReplicaOwner, { active, terminating, failure, nowMs }: Observed): ReplicaSetStatus {
  const { minReadySeconds = 0, template } = owner.spec ?? {};
  const templateLabels = compileLabels(template?.metadata?.labels);
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (matchesLabels(templateLabels, pod)) fullyLabeled++;
    if (isPodReady(pod)) ready++;
    if (isPodAvailable(pod, minReadySeconds, nowMs)) available++;
  }
  const { conditions: old = [], ...rest } = owner.status ?? { replicas: 0 };
  const conditions = planConditions(old, owner, active.length, failure, nowMs);
  const { generation } = owner.metadata;
  return {
    ...rest,
    replicas: active.length,
    fullyLabeledReplicas: fullyLabeled,
    readyReplicas: ready,
    availableReplicas: available,
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(conditions.length > 0 && { conditions }),
  };
}

/** The failure stays as first seen until all is well again. */
function planConditions(
  old: ReplicaSetCondition[],
  owner: ReplicaOwner,
  count: number,
  failure: Error | undefined,
  nowMs: number,
): ReplicaSetCondition[] {
  const isFailing = old.some(({ type }) => type === "ReplicaFailure");
  if (!failure) return isFailing ? old.filter(({ type }) => type !== "ReplicaFailure") : old;
  if (isFailing) return old;
  const excess = count - (owner.spec?.replicas ?? 1);
  const reason = excess < 0 ? "FailedCreate" : excess > 0 ? "FailedDelete" : "";
  const { message } = failure;
  return [...old, { type: "ReplicaFailure", status: "True", lastTransitionTime: formatTime(nowMs), reason, message }];
}

export function isSameStatus(old: ReplicaSetStatus | undefined, wished: ReplicaSetStatus): boolean {
  const numbers = [
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "terminatingReplicas",
    "observedGeneration",
  ] as const;
  return (
    numbers.every((name) => (old?.[name] ?? 0) === (wished[name] ?? 0)) &&
    // A count that is not there yet is news, though it be 0.
    (old?.terminatingReplicas === undefined) === (wished.terminatingReplicas === undefined) &&
    JSON.stringify(old?.conditions ?? []) === JSON.stringify(wished.conditions ?? [])
  );
}

/** When to look again because a ready pod will have been ready for long enough; undefined where none is on its way. */
export function msUntilLook(owner: ReplicaOwner, status: ReplicaSetStatus, active: readonly Pod[], nowMs: number) {
  const { minReadySeconds = 0 } = owner.spec ?? {};
  if (minReadySeconds === 0 || status.readyReplicas === status.availableReplicas) return undefined;
  return msUntilNextAvailable(active, minReadySeconds, nowMs) ?? minReadySeconds * 1000;
}
