// Conditions of a pod that the API server itself sets, and how conditions are found and replaced.

import type { PodCondition, PodStatus } from "../../../generated/types.ts";
import { formatTime } from "../../../time/time.ts";
import type { DecodedPod } from "./decoded-pod.ts";

/** What of a condition is not about when. */
export type ConditionUpdate = Pick<PodCondition, "type" | "status" | "reason" | "message">;

export function findCondition(status: PodStatus, type: string): PodCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

/** Sets a condition, new or in place of the old one; its time changes only with its status. Changes `status`. */
export function setCondition(status: PodStatus, update: ConditionUpdate, now: number): void {
  const old = findCondition(status, update.type);
  const lastTransitionTime = old?.status === update.status ? (old.lastTransitionTime ?? null) : formatTime(now);
  const condition = { ...update, lastProbeTime: null, lastTransitionTime } as unknown as PodCondition;
  const others = status.conditions ?? [];
  status.conditions = old ? others.map((known) => (known === old ? condition : known)) : [...others, condition];
}

/** A pod with scheduling gates says from the start why it is not scheduled. */
export function applyGatedCondition({ spec, status }: DecodedPod, now: number): void {
  if (!spec.schedulingGates || findCondition(status, "PodScheduled")) return;
  const message = "Scheduling is blocked due to non-empty scheduling gates";
  setCondition(status, { type: "PodScheduled", status: "False", reason: "SchedulingGated", message }, now);
}

/** What an eviction writes before it deletes the pod. */
export const evictionCondition: ConditionUpdate = {
  type: "DisruptionTarget",
  status: "True",
  reason: "EvictionByEvictionAPI",
  message: "Eviction API: evicting",
};
