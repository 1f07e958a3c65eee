// What updates of a request's conditions leave alone, and the times they get.

import type { CertificateSigningRequestCondition, CertificateSigningRequestStatus } from "../../generated/types.ts";

type Condition = CertificateSigningRequestCondition;
type Status = CertificateSigningRequestStatus;

/** Puts back the conditions of the type as they were, unless some came or went. */
export function preserveConditions(status: Status, old: Status, type: string): void {
  const kept = (old.conditions ?? []).filter((condition) => condition.type === type);
  const isOfType = (condition: Condition): boolean => condition.type === type;
  if ((status.conditions ?? []).filter(isOfType).length !== kept.length) return;
  let next = 0;
  const conditions = status.conditions?.map((condition) => (isOfType(condition) ? kept[next++]! : condition));
  if (conditions) status.conditions = conditions;
}

/** Conditions without times get them: a transition's is kept while the status stays. */
export function populateTimes(status: Status, old: Status, now: number): void {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = status.conditions?.map((condition) => {
    const lastUpdateTime = condition.lastUpdateTime ?? time;
    const lastTransitionTime = condition.lastTransitionTime ?? transitionOf(condition, old) ?? time;
    return { ...condition, lastUpdateTime, lastTransitionTime };
  });
  if (conditions) status.conditions = conditions;
}

function transitionOf({ type, status }: Condition, old: Status): string | undefined {
  const before = old.conditions?.find(
    (condition) => condition.type === type && condition.status === status && condition.lastTransitionTime,
  );
  return before?.lastTransitionTime;
}
