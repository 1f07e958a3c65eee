// The conditions of an autoscaler. Pure.

import type { HorizontalPodAutoscalerCondition } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";

/** What is told of one type of condition. */
export type ConditionChange = Omit<HorizontalPodAutoscalerCondition, "lastTransitionTime">;

/** The conditions with one set; its time changes with its status only. */
export function withCondition(
  conditions: readonly HorizontalPodAutoscalerCondition[],
  change: ConditionChange,
  nowMs: number,
): HorizontalPodAutoscalerCondition[] {
  const present = conditions.find(({ type }) => type === change.type);
  const isSame = present?.status === change.status && present.lastTransitionTime !== undefined;
  const lastTransitionTime = isSame ? present.lastTransitionTime! : formatTime(nowMs);
  const condition = { ...change, lastTransitionTime };
  if (!present) return [...conditions, condition];
  return conditions.map((other) => (other === present ? condition : other));
}
