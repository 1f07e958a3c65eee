// Job: runs pods until enough of them have succeeded.

import type { Job, JobSpec } from "../../generated/types.ts";
import { formatLabelSelector } from "../../selectors/label-selector.ts";
import { setPodTemplateDefaults } from "../core/pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "../core/pod-spec/drop-disabled-fields.ts";
import { warnOfPodTemplate } from "../core/pod-spec/warnings/warn-of-pod.ts";
import { warnOfPodNames } from "../core/replication-controller.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { containerCells } from "../table/cells.ts";
import { formatAge, formatHumanDuration } from "../table/human-duration.ts";
import { hasJobCondition } from "./job-conditions.ts";
import { generateSelector } from "./job-selector.ts";
import { validateJob, validateJobUpdate } from "./validate-job.ts";
import { validateJobStatusUpdate } from "./validate-job-status.ts";

export type DecodedJob = Decoded<Job, "spec" | "status">;

export const job = defineKind<DecodedJob>({
  group: "batch",
  version: "v1",
  kind: "Job",
  metadataChecks: ["object", "update"],
  garbageCollection: "orphan",
  deleteWarning:
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  setDefaults,
  prepareForCreate: (object) => {
    generateSelector(object);
    object.status = {};
    dropDisabledTemplateFields(object.spec.template, undefined);
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
    dropDisabledTemplateFields(object.spec.template, old.spec.template);
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
  warnings: ({ metadata, spec }, old) => {
    if (old && metadata.generation === old.metadata.generation) return [];
    const ofSpec = warnOfJobSpec(spec, "spec");
    return old ? ofSpec : [...warnOfPodNames(metadata.name ?? ""), ...ofSpec];
  },
  selectableFields: { "status.successful": ({ status }) => String(status.succeeded ?? 0) },
  tableCells: (object, now) => ({
    cells: [
      object.metadata.name,
      describeState(object),
      formatCompletions(object),
      formatDuration(object, now),
      formatAge(object.metadata.creationTimestamp, now),
      ...containerCells(object.spec.template.spec?.containers),
      formatLabelSelector(object.spec.selector),
    ],
  }),
});

function setDefaults({ metadata, spec }: DecodedJob): void {
  if (spec.parallelism === undefined) spec.completions ??= 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1;
  const { labels } = spec.template.metadata ?? {};
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed";
  spec.manualSelector ??= false;
  setPatternDefaults(spec);
  setPodTemplateDefaults(spec.template);
}

/** Also of the Jobs a CronJob makes. */
export function setPatternDefaults({ podFailurePolicy }: JobSpec): void {
  for (const { onPodConditions } of podFailurePolicy?.rules ?? []) {
    for (const pattern of onPodConditions ?? []) pattern.status ||= "True";
  }
}

const manyCompletions = 100_000;
const manyAtOnce = 10_000;

export function warnOfJobSpec(spec: JobSpec, path: string): string[] {
  const warnings: string[] = [];
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  if (completionMode === "Indexed" && completions > manyCompletions && parallelism > manyAtOnce) {
    const what =
      "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";
    warnings.push(`${path}: ${what}`);
  }
  return [...warnings, ...warnOfPodTemplate(template, `${path}.template`)];
}

function describeState({ metadata, status }: DecodedJob): string {
  const { conditions } = status;
  if (hasJobCondition(conditions, "Complete")) return "Complete";
  if (hasJobCondition(conditions, "Failed")) return "Failed";
  if (metadata.deletionTimestamp) return "Terminating";
  const under = (["Suspended", "FailureTarget", "SuccessCriteriaMet"] as const).find((type) =>
    hasJobCondition(conditions, type),
  );
  return under ?? "Running";
}

function formatCompletions({ spec, status }: DecodedJob): string {
  const { completions, parallelism = 0 } = spec;
  const succeeded = status.succeeded ?? 0;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function formatDuration({ status }: DecodedJob, now: number): string {
  const { startTime, completionTime } = status;
  if (!startTime) return "";
  return formatHumanDuration((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime));
}
