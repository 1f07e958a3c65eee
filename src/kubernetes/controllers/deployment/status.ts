// A Deployment's status: counts summed over its ReplicaSets, availability, and how the roll-out gets on. Pure.

import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "#kubernetes/api";
import { formatTime, parseTime } from "#kubernetes/runtime";
import {
  type Conditions,
  findCondition,
  type NewCondition,
  removeCondition,
  replaceCondition,
  setCondition,
} from "./conditions.ts";
import { maxUnavailable, progressDeadlineMs, replicasOf } from "./limits.ts";
import { type Rollout, sizeOf, sumOf } from "./rollout.ts";

const enoughAvailable: NewCondition = {
  type: "Available",
  status: "True",
  reason: "MinimumReplicasAvailable",
  message: "Deployment has minimum availability.",
};
const tooFewAvailable: NewCondition = {
  type: "Available",
  status: "False",
  reason: "MinimumReplicasUnavailable",
  message: "Deployment does not have minimum availability.",
};

/** The counts and the availability, without a word on progress: for Deployments that are paused, scaled or deleted. */
export function planStatus({ deployment, newSet, allSets, conditions, nowMs }: Rollout): DeploymentStatus {
  const available = sumOf(allSets, (set) => set.status?.availableReplicas);
  const isAvailable = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const terminating = sumTerminating(allSets);
  const { collisionCount } = deployment.status ?? {};
  return {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: sumOf(allSets, (set) => set.status?.replicas),
      updatedReplicas: newSet?.status?.replicas ?? 0,
      readyReplicas: sumOf(allSets, (set) => set.status?.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sumOf(allSets, sizeOf) - available),
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: [...setCondition(conditions, isAvailable ? enoughAvailable : tooFewAvailable, formatTime(nowMs))],
  };
}

/** The status during a roll-out. */
export function planRolloutStatus(rollout: Rollout): DeploymentStatus {
  const status = planStatus(rollout);
  let conditions: Conditions = planProgress(rollout, status);
  const failure = findFailure(rollout);
  if (failure) {
    const { reason = "", message = "", lastTransitionTime = formatTime(rollout.nowMs) } = failure;
    const condition = { type: "ReplicaFailure", status: "True", reason, message } as const;
    conditions = setCondition(conditions, condition, lastTransitionTime);
  } else {
    conditions = removeCondition(conditions, "ReplicaFailure");
  }
  return { ...status, conditions: [...conditions] };
}

function planProgress(
  { deployment, newSet, conditions: before, nowMs }: Rollout,
  status: DeploymentStatus,
): Conditions {
  const conditions = status.conditions ?? [];
  if (progressDeadlineMs(deployment) === undefined) return removeCondition(conditions, "Progressing");
  const current = before.find(({ type }) => type === "Progressing");
  const isOnlyNew = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  if (isOnlyNew && current?.reason === "NewReplicaSetAvailable") return conditions;
  const now = formatTime(nowMs);
  const subject = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return setCondition(conditions, { ...progressing("True", "NewReplicaSetAvailable"), message }, now);
  }
  if (hasProgressed(deployment.status, status)) {
    const message = `${subject} is progressing.`;
    return replaceCondition(conditions, { ...progressing("True", "ReplicaSetUpdated"), message }, now);
  }
  if (hasTimedOut(deployment, current, nowMs)) {
    const message = `${subject} has timed out progressing.`;
    return setCondition(conditions, { ...progressing("False", "ProgressDeadlineExceeded"), message }, now);
  }
  return conditions;
}

function progressing<S extends "True" | "False" | "Unknown">(status: S, reason: string) {
  return { type: "Progressing", status, reason } as const;
}

/** All wished pods are of the new template and available, and no others are there. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const wished = replicasOf(deployment);
  return (
    (status?.updatedReplicas ?? 0) === wished &&
    (status?.replicas ?? 0) === wished &&
    (status?.availableReplicas ?? 0) === wished &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function hasProgressed(old: DeploymentStatus = {}, status: DeploymentStatus): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(status) < outdated(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

function hasTimedOut(deployment: Deployment, condition: DeploymentCondition | undefined, nowMs: number): boolean {
  if (!condition || condition.reason === "NewReplicaSetAvailable") return false;
  if (condition.reason === "ProgressDeadlineExceeded") return true;
  const deadline = progressDeadlineMs(deployment);
  const from = parseTime(condition.lastUpdateTime);
  return deadline !== undefined && from !== undefined && from + deadline < nowMs;
}

/** When to look whether the roll-out is stuck; undefined where there is no need to. */
export function msUntilProgressCheck(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const deadline = progressDeadlineMs(deployment);
  const condition = findCondition(status, "Progressing");
  const from = parseTime(condition?.lastUpdateTime);
  if (deadline === undefined || from === undefined) return undefined;
  if (isComplete(deployment, status) || condition?.reason === "ProgressDeadlineExceeded") return undefined;
  // A second more: times in conditions have no fractions.
  return Math.max(0, from + deadline - nowMs) + 1000;
}

/** Why pods could not be created or deleted: of the new set, or else of any. */
function findFailure({ newSet, allSets }: Rollout) {
  const failureOf = (set: ReplicaSet | undefined) =>
    set?.status?.conditions?.find(({ type }) => type === "ReplicaFailure");
  return failureOf(newSet) ?? allSets.map(failureOf).findLast((failure) => failure !== undefined);
}

/** Undefined where one of the sets does not say. */
function sumTerminating(sets: readonly ReplicaSet[]): number | undefined {
  let sum = 0;
  for (const { status } of sets) {
    if (status?.terminatingReplicas === undefined) {
      if (status?.observedGeneration) return undefined;
    } else {
      sum += status.terminatingReplicas;
    }
  }
  return sum;
}

/** Upstream leaves counts of 0 out. */
function withoutZeros<T extends Record<string, number>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>;
}
