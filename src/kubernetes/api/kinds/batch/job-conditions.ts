// The conditions of a Job that tell how it ended, or is about to.

import type { JobCondition, JobStatus } from "../../generated/types.ts";

export type JobConditionType = "Complete" | "Failed" | "FailureTarget" | "SuccessCriteriaMet" | "Suspended";

/** Whether a condition of the type is True (or has the status given). */
export function hasJobCondition(
  conditions: readonly JobCondition[] | undefined,
  type: JobConditionType,
  status = "True",
): boolean {
  return (conditions ?? []).some((condition) => condition.type === type && condition.status === status);
}

export function isJobFinished({ conditions }: Pick<JobStatus, "conditions">): boolean {
  return hasJobCondition(conditions, "Complete") || hasJobCondition(conditions, "Failed");
}
