// CronJob: makes a Job whenever its schedule says so.

import { type FieldError, invalid, notSupported, required } from "../../field-error.ts";
import type { CronJob, CronJobSpec, JobSpec, JobTemplateSpec } from "../../generated/types.ts";
import { formatLabelSelector } from "../../selectors/label-selector.ts";
import { setPodTemplateDefaults } from "../core/pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "../core/pod-spec/drop-disabled-fields.ts";
import { type PodOptions, podTemplateOptions } from "../core/pod-spec/pod-options.ts";
import { warnOfPodNames } from "../core/replication-controller.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { reportNegative } from "../report.ts";
import { containerCells, formatBoolean, noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { setPatternDefaults, warnOfJobSpec } from "./job.ts";
import { validateSchedule, validateTimeZone } from "./schedule.ts";
import { validateJobSpec } from "./validate-job-spec.ts";

type DecodedCronJob = Decoded<CronJob, "status"> & {
  spec: Omit<CronJobSpec, "jobTemplate"> & { jobTemplate: Decoded<JobTemplateSpec, "spec"> };
};

const jobPath = "spec.jobTemplate.spec";
/** The Jobs' names add eleven characters, and must fit into a label. */
const longestName = 52;

export const cronJob = defineKind<DecodedCronJob>({
  group: "batch",
  version: "v1",
  kind: "CronJob",
  statusMetadataChecks: [],
  setDefaults,
  prepareForCreate: (object) => {
    object.status = {};
    dropDisabledTemplateFields(jobOf(object).template, undefined);
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
    dropDisabledTemplateFields(jobOf(object).template, jobOf(old).template);
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: (object) => {
    const errors = validateSpec(object, undefined);
    const { name = "" } = object.metadata;
    if (Buffer.byteLength(name) > longestName) {
      errors.push(invalid("metadata.name", name, `must be no more than ${longestName} characters`));
    }
    return errors;
  },
  validateUpdate: validateSpec,
  warnings,
  tableCells: (object, now) => ({
    cells: [
      object.metadata.name,
      object.spec.schedule,
      object.spec.timeZone ?? noneCell,
      formatBoolean(object.spec.suspend),
      object.status.active?.length ?? 0,
      object.status.lastScheduleTime ? formatAge(object.status.lastScheduleTime, now) : noneCell,
      formatAge(object.metadata.creationTimestamp, now),
      ...containerCells(jobOf(object).template.spec?.containers),
      formatLabelSelector(jobOf(object).selector),
    ],
  }),
});

function jobOf({ spec }: DecodedCronJob): JobSpec {
  return spec.jobTemplate.spec;
}

function setDefaults(object: DecodedCronJob): void {
  const { spec } = object;
  spec.concurrencyPolicy ||= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  setPatternDefaults(jobOf(object));
  setPodTemplateDefaults(jobOf(object).template);
}

function validateSpec(object: DecodedCronJob, old: DecodedCronJob | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = object;
  validateSchedule(spec, old?.spec, "spec.schedule", errors);
  reportNegative(errors, "spec.startingDeadlineSeconds", spec.startingDeadlineSeconds);
  if (!old || old.spec.timeZone !== spec.timeZone) validateTimeZone(spec.timeZone, "spec.timeZone", errors);
  validateConcurrency(spec.concurrencyPolicy ?? "", "spec.concurrencyPolicy", errors);
  validateJobTemplate(jobOf(object), errors, podTemplateOptions(old && jobOf(old).template));
  reportNegative(errors, "spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit);
  reportNegative(errors, "spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit);
  return errors;
}

const policies = ["Allow", "Forbid", "Replace"];

function validateConcurrency(policy: string, path: string, errors: FieldError[]): void {
  if (policy === "") errors.push(required(path));
  else if (!policies.includes(policy)) errors.push(notSupported(path, policy, policies));
}

/** The selectors of the Jobs to come are always made up by the server. */
function validateJobTemplate(spec: JobSpec, errors: FieldError[], options: PodOptions): void {
  validateJobSpec(spec, jobPath, errors, options);
  if (spec.selector) {
    const shown = internalForm("LabelSelector", spec.selector);
    errors.push(invalid(`${jobPath}.selector`, shown, "`selector` will be auto-generated"));
  }
  if (spec.manualSelector) errors.push(notSupported(`${jobPath}.manualSelector`, true, ["nil", "false"]));
}

function warnings(object: DecodedCronJob, old: DecodedCronJob | undefined): string[] {
  const { metadata, spec } = object;
  if (!old) return [...warnOfPodNames(metadata.name ?? ""), ...warnOfJobSpec(jobOf(object), jobPath)];
  const texts = metadata.generation === old.metadata.generation ? [] : warnOfJobSpec(jobOf(object), jobPath);
  if (spec.schedule.includes("TZ")) {
    const where = "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/";
    texts.push(`cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${where} for more details`);
  }
  return texts;
}
