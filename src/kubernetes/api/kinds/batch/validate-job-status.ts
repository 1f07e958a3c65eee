// What can be wrong with the status of a Job. What did not change is let pass, so that what old controllers wrote stays writable.

import { child, duplicate, type FieldError, invalid, item, omittedValue, required } from "../../field-error.ts";
import type { JobStatus } from "../../generated/types.ts";
import { reportNegative } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { countIndexes, findOverlap, IndexRangeError } from "./index-ranges.ts";
import type { DecodedJob } from "./job.ts";
import { hasJobCondition, isJobFinished, type JobConditionType } from "./job-conditions.ts";

/** A change of status, looked at from all sides. */
interface StatusChange {
  readonly job: DecodedJob;
  readonly status: JobStatus;
  readonly old: JobStatus;
  readonly errors: FieldError[];
  has(type: JobConditionType): boolean;
  had(type: JobConditionType): boolean;
  /** Whether one of the fields is another than before. */
  changed(...fields: (keyof JobStatus)[]): boolean;
  /** Whether one of the conditions is another than before. */
  turned(...types: JobConditionType[]): boolean;
}

export function validateJobStatusUpdate(job: DecodedJob, { status: old }: DecodedJob): FieldError[] {
  const { status } = job;
  const has = (type: JobConditionType): boolean => hasJobCondition(status.conditions, type);
  const had = (type: JobConditionType): boolean => hasJobCondition(old.conditions, type);
  const change: StatusChange = {
    job,
    status,
    old,
    errors: [],
    has,
    had,
    changed: (...fields) => fields.some((field) => !deepEqual(status[field], old[field])),
    turned: (...types) => types.some((type) => has(type) !== had(type)),
  };
  validateCounts(change);
  validateTimes(change);
  validateOutcome(change);
  validateFinished(change);
  validateIndexes(change);
  validateRunning(change);
  validateSuccess(change);
  validateProgress(change);
  return change.errors;
}

function validateCounts({ status, errors }: StatusChange): void {
  for (const field of ["active", "succeeded", "failed", "ready", "terminating"] as const) {
    reportNegative(errors, child("status", field), status[field]);
  }
  const known = new Set<string>();
  for (const list of ["succeeded", "failed"] as const) {
    for (const [index, uid] of (status.uncountedTerminatedPods?.[list] ?? []).entries()) {
      const path = item(child("status.uncountedTerminatedPods", list), index);
      if (uid === "") errors.push(invalid(path, uid, "must not be empty"));
      else if (known.has(uid)) errors.push(duplicate(path, uid));
      known.add(uid);
    }
  }
}

function reportConditions(errors: FieldError[], why: string): void {
  errors.push(invalid("status.conditions", omittedValue, why));
}

function validateTimes({ status, errors, has, changed, turned }: StatusChange): void {
  const { startTime, completionTime } = status;
  if (has("Complete") && has("Failed") && turned("Complete", "Failed")) {
    reportConditions(errors, "cannot set Complete=True and Failed=true conditions");
  }
  if (has("Complete") && has("FailureTarget") && turned("Complete", "FailureTarget")) {
    reportConditions(errors, "cannot set Complete=True and FailureTarget=true conditions");
  }
  const path = "status.completionTime";
  const isCompletionNew = turned("Complete") || changed("completionTime");
  if (isCompletionNew && completionTime && !has("Complete")) {
    errors.push(invalid(path, completionTime, "cannot set completionTime when there is no Complete=True condition"));
  }
  if (isCompletionNew && !completionTime && has("Complete")) {
    errors.push(required(path, "completionTime is required for Complete jobs"));
  }
  const isEarlier = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if (isEarlier && changed("startTime", "completionTime")) {
    errors.push(invalid(path, completionTime, "must be equal to or after `startTime`"));
  }
}

function validateOutcome({ errors, has, changed, turned }: StatusChange): void {
  if (has("Failed") && !has("FailureTarget") && (turned("Failed") || changed("failedIndexes"))) {
    reportConditions(errors, "cannot set Failed=True condition without the FailureTarget=true condition");
  }
  if (has("Complete") && !has("SuccessCriteriaMet") && turned("Complete", "SuccessCriteriaMet")) {
    reportConditions(errors, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
  }
}

function validateFinished({ job, status, old, errors, changed }: StatusChange): void {
  if (!isJobFinished(status)) return;
  const isNew = !isJobFinished(old);
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  if (active > 0 && (isNew || changed("active"))) {
    errors.push(invalid("status.active", active, "active>0 is invalid for finished job"));
  }
  const hasNothingToDo = job.spec.suspend === true && job.spec.completions === 0;
  if (!startTime && (isNew || changed("startTime")) && !hasNothingToDo) {
    errors.push(required("status.startTime", "startTime is required for finished job"));
  }
  const count = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0);
  if (count > 0 && (isNew || changed("uncountedTerminatedPods"))) {
    const shown = internalForm("UncountedTerminatedPods", uncounted);
    errors.push(invalid("status.uncountedTerminatedPods", shown, "must be empty for finished job"));
  }
}

function validateIndexes({ job, status, errors, changed }: StatusChange): void {
  const { completions, backoffLimitPerIndex, completionMode } = job.spec;
  const { completedIndexes = "", failedIndexes } = status;
  const path = "status.failedIndexes";
  if (changed("completedIndexes") && completions !== undefined) {
    validateFormat("completedIndexes", completedIndexes, completions, errors);
  }
  const isFailedNew = changed("failedIndexes") && failedIndexes !== undefined;
  if (isFailedNew && completions !== undefined && backoffLimitPerIndex !== undefined) {
    validateFormat("failedIndexes", failedIndexes, completions, errors);
  }
  if (changed("completedIndexes") && completedIndexes !== "" && completionMode !== "Indexed") {
    const why = "cannot set non-empty completedIndexes when non-indexed completion mode";
    errors.push(invalid("status.completedIndexes", completedIndexes, why));
  }
  if (isFailedNew && backoffLimitPerIndex === undefined) {
    const why = "cannot set non-null failedIndexes when backoffLimitPerIndex is null";
    errors.push(invalid(path, failedIndexes, why));
  }
  if (!failedIndexes || completedIndexes === "" || completions === undefined) return;
  if (!changed("failedIndexes", "completedIndexes")) return;
  const overlap = findOverlap(completedIndexes, failedIndexes, completions);
  if (overlap === undefined) return;
  errors.push(invalid(path, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${overlap}`));
}

function validateFormat(field: string, text: string, completions: number, errors: FieldError[]): void {
  try {
    countIndexes(text, completions);
  } catch (error) {
    if (!(error instanceof IndexRangeError)) throw error;
    errors.push(invalid(child("status", field), text, `error parsing ${field}: ${error.message}`));
  }
}

function validateRunning({ status, old, errors, changed }: StatusChange): void {
  const { terminating = 0, ready, active = 0 } = status;
  const isFinishNew = isJobFinished(status) !== isJobFinished(old);
  if (terminating > 0 && isJobFinished(status) && (isFinishNew || changed("terminating"))) {
    errors.push(invalid("status.terminating", terminating, "terminating>0 is invalid for finished job"));
  }
  if (ready !== undefined && ready > active && changed("ready", "active")) {
    errors.push(invalid("status.ready", ready, "cannot set more ready pods than active"));
  }
}

function validateSuccess({ job, errors, has }: StatusChange): void {
  if (has("SuccessCriteriaMet") && has("Failed")) {
    reportConditions(errors, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
  }
  if (has("SuccessCriteriaMet") && has("FailureTarget")) {
    reportConditions(errors, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
  }
  if (job.spec.successPolicy && !has("SuccessCriteriaMet") && has("Complete")) {
    const why = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True";
    reportConditions(errors, why);
  }
}

/** What was reached is not taken back. */
function validateProgress(change: StatusChange): void {
  const { status, old, errors, has, had } = change;
  for (const type of ["Failed", "Complete", "FailureTarget"] as const) {
    if (had(type) && !has(type)) reportConditions(errors, `cannot disable the terminal ${type}=True condition`);
  }
  const { failed = 0, succeeded = 0, completionTime } = status;
  if (failed < (old.failed ?? 0)) {
    errors.push(invalid("status.failed", failed, "cannot decrease the failed counter"));
  }
  if (succeeded < (old.succeeded ?? 0) && !isElastic(change)) {
    errors.push(invalid("status.succeeded", succeeded, "cannot decrease the succeeded counter"));
  }
  if (completionTime && old.completionTime && completionTime !== old.completionTime) {
    errors.push(invalid("status.completionTime", completionTime, "field is immutable"));
  }
  validateStart(change);
  if (had("SuccessCriteriaMet") && !has("SuccessCriteriaMet")) {
    reportConditions(errors, "cannot disable the SuccessCriteriaMet=True condition");
  }
  if (had("Complete") && !had("SuccessCriteriaMet") && has("SuccessCriteriaMet")) {
    reportConditions(errors, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
  }
}

/** An indexed Job whose size can change; then pods that had succeeded may be none of its own any more. */
function isElastic({ job: { spec } }: StatusChange): boolean {
  return spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
}

function validateStart({ job, status, old, errors, changed, had }: StatusChange): void {
  const isResuming = had("Suspended") && hasJobCondition(status.conditions, "Suspended", "False");
  if (!old.startTime || !changed("startTime") || isResuming || job.spec.suspend) return;
  errors.push(invalid("status.startTime", status.startTime, "field is immutable for unsuspended job once set"));
}
