// A Deployment's conditions: how they change, and when their times do. Pure.

import type { DeploymentCondition, DeploymentStatus } from "#kubernetes/api";

export type Conditions = readonly DeploymentCondition[];

export interface NewCondition {
  readonly type: "Progressing" | "Available" | "ReplicaFailure";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

export function findCondition(
  status: DeploymentStatus | undefined,
  type: NewCondition["type"],
): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Sets a condition, unless it says the same already: same status and same reason. */
export function setCondition(conditions: Conditions, condition: NewCondition, now: string): Conditions {
  const old = conditions.find(({ type }) => type === condition.type);
  if (old?.status === condition.status && old.reason === condition.reason) return conditions;
  return replaceCondition(conditions, condition, now);
}

/** Sets a condition although it says the same, so that its update time tells of the latest news. */
export function replaceCondition(conditions: Conditions, condition: NewCondition, now: string): Conditions {
  const old = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = (old?.status === condition.status && old.lastTransitionTime) || now;
  return [...removeCondition(conditions, condition.type), { ...condition, lastUpdateTime: now, lastTransitionTime }];
}

export function removeCondition(conditions: Conditions, type: NewCondition["type"]): Conditions {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}
