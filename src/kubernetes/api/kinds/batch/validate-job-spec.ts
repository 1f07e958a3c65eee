// What can be wrong with the spec of a Job, of its own or in a CronJob's template.

import { child, type FieldError, invalid, notSupported, required, tooLong } from "../../field-error.ts";
import type { JobSpec } from "../../generated/types.ts";
import type { PodOptions } from "../core/pod-spec/pod-options.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-pod-spec.ts";
import { validateDomainPrefixedPath } from "../metadata/domain-prefixed.ts";
import { reportNegative, reportUnsupported } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { validatePodFailurePolicy } from "./pod-failure-policy.ts";
import { validateSuccessPolicy } from "./success-policy.ts";

const longestManager = 63;
const mostIndexed = 100_000;
/** Above this many completions, status could grow too large. */
const manyCompletions = 100_000;
const mostForMany = 10_000;

const amounts = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
] as const;

export function validateJobSpec(spec: JobSpec, path: string, errors: FieldError[], options: PodOptions): void {
  for (const field of amounts) reportNegative(errors, child(path, field), spec[field]);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(child(path, "backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
  }
  const { managedBy } = spec;
  if (managedBy !== undefined) {
    validateDomainPrefixedPath(managedBy, child(path, "managedBy"), errors);
    if (Buffer.byteLength(managedBy) > longestManager) errors.push(tooLong(child(path, "managedBy"), longestManager));
  }
  validateMode(spec, path, errors);
  if (spec.podFailurePolicy) validatePodFailurePolicy(spec, child(path, "podFailurePolicy"), errors);
  if (spec.successPolicy) validateSuccess(spec, child(path, "successPolicy"), errors);
  const replacements = spec.podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"];
  reportUnsupported(errors, child(path, "podReplacementPolicy"), spec.podReplacementPolicy, replacements);
  validatePodTemplate(spec.template, child(path, "template"), errors, options);
  validateRestartPolicy(spec, child(path, "template", "spec", "restartPolicy"), errors);
}

function validateMode(spec: JobSpec, path: string, errors: FieldError[]): void {
  const { completionMode = "NonIndexed" } = spec;
  reportUnsupported(errors, child(path, "completionMode"), completionMode, ["NonIndexed", "Indexed"]);
  if (completionMode === "Indexed") validateIndexed(spec, path, errors);
  if (completionMode !== "NonIndexed") return;
  for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"] as const) {
    if (spec[field] === undefined) continue;
    errors.push(invalid(child(path, field), spec[field], "requires indexed completion mode"));
  }
}

function validateIndexed(spec: JobSpec, path: string, errors: FieldError[]): void {
  const { completions, maxFailedIndexes } = spec;
  const failedPath = child(path, "maxFailedIndexes");
  if (completions === undefined) {
    errors.push(required(child(path, "completions"), "when completion mode is Indexed"));
  }
  const why = `must be less than or equal to ${mostIndexed}`;
  reportMore(spec, "parallelism", mostIndexed, path, errors, `${why} when completion mode is Indexed`);
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    errors.push(invalid(failedPath, maxFailedIndexes, "must be less than or equal to completions"));
  }
  reportMore(spec, "maxFailedIndexes", mostIndexed, path, errors, why);
  if ((completions ?? 0) <= manyCompletions || spec.backoffLimitPerIndex === undefined) return;
  if (maxFailedIndexes === undefined) {
    errors.push(required(failedPath, `must be specified when completions is above ${manyCompletions}`));
  }
  const whyMany = `must be less than or equal to ${mostForMany} when completions are above ${manyCompletions} and used with backoff limit per index`;
  reportMore(spec, "parallelism", mostForMany, path, errors, whyMany);
  reportMore(spec, "maxFailedIndexes", mostForMany, path, errors, whyMany);
}

function reportMore(
  spec: JobSpec,
  field: "parallelism" | "maxFailedIndexes",
  most: number,
  path: string,
  errors: FieldError[],
  why: string,
): void {
  const value = spec[field];
  if (value !== undefined && value > most) errors.push(invalid(child(path, field), value, why));
}

/** Rules are about completions; where an indexed Job has none, that is reported already. */
function validateSuccess({ completionMode, completions, successPolicy }: JobSpec, path: string, errors: FieldError[]) {
  if (completionMode !== "Indexed") {
    errors.push(invalid(path, internalForm("SuccessPolicy", successPolicy), "requires indexed completion mode"));
  } else if (successPolicy && (completions !== undefined || !successPolicy.rules?.length)) {
    validateSuccessPolicy(successPolicy, completions ?? 0, path, errors);
  }
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: string, errors: FieldError[]): void {
  const { restartPolicy = "" } = template.spec ?? {};
  if (restartPolicy === "" || restartPolicy === "Always") {
    errors.push(required(path, 'valid values: "OnFailure", "Never"'));
  } else if (restartPolicy !== "OnFailure" && restartPolicy !== "Never") {
    errors.push(notSupported(path, restartPolicy, ["OnFailure", "Never"]));
  } else if (podFailurePolicy && restartPolicy !== "Never") {
    errors.push(invalid(path, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
}
