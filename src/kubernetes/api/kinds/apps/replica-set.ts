// ReplicaSet: keeps a number of pods of one template running.

import { type FieldError, invalid, required } from "../../field-error.ts";
import type { ReplicaSet, ReplicaSetSpec } from "../../generated/types.ts";
import { formatLabelSelector } from "../../selectors/label-selector.ts";
import { setPodTemplateDefaults } from "../core/pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "../core/pod-spec/drop-disabled-fields.ts";
import { type PodOptions, podTemplateOptions } from "../core/pod-spec/pod-options.ts";
import { warnOfPodTemplate } from "../core/pod-spec/warnings/warn-of-pod.ts";
import { warnOfPodNames } from "../core/replication-controller.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { validateLabelSelector } from "../metadata/labels.ts";
import { reportNegative } from "../report.ts";
import { containerCells } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { readSelector, reportEmptySelector, validateReplicaTemplate, validateSameSelector } from "./pod-template.ts";
import { validateCounts, validatePart } from "./replica-counts.ts";

type DecodedReplicaSet = Decoded<ReplicaSet, "status"> & { spec: Decoded<ReplicaSetSpec, "template"> };

export const replicaSet = defineKind<DecodedReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  setDefaults: ({ spec }) => {
    spec.replicas ??= 1;
    setPodTemplateDefaults(spec.template);
  },
  prepareForCreate: (object) => {
    object.status = { replicas: 0 };
    dropDisabledTemplateFields(object.spec.template, undefined);
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
    dropDisabledTemplateFields(object.spec.template, old.spec.template);
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: (object) => validateReplicaSet(object, podTemplateOptions()),
  validateUpdate: (object, old) => {
    const errors = validateReplicaSet(object, podTemplateOptions(old.spec.template));
    validateSameSelector(object.spec.selector, old.spec.selector, errors);
    return errors;
  },
  validateStatusUpdate,
  warnings: ({ metadata, spec }, old) => {
    if (old && metadata.generation === old.metadata.generation) return [];
    const ofTemplate = warnOfPodTemplate(spec.template, "spec.template");
    return old ? ofTemplate : [...warnOfPodNames(metadata.name ?? ""), ...ofTemplate];
  },
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      spec.replicas ?? 0,
      status.replicas,
      status.readyReplicas ?? 0,
      formatAge(metadata.creationTimestamp, now),
      ...containerCells(spec.template.spec?.containers),
      formatLabelSelector(spec.selector),
    ],
  }),
});

function validateReplicaSet({ spec }: DecodedReplicaSet, options: PodOptions): FieldError[] {
  const errors: FieldError[] = [];
  reportNegative(errors, "spec.replicas", spec.replicas);
  reportNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  validateReplicaSelector(spec, errors, options);
  return errors;
}

/** The selector and the template of a ReplicaSet or Deployment. */
export function validateReplicaSelector(
  { selector, template }: Pick<Decoded<ReplicaSetSpec, "template">, "selector" | "template">,
  errors: FieldError[],
  options: PodOptions,
): void {
  if (selector) {
    validateLabelSelector(selector, "spec.selector", errors);
    // Upstream says so of ReplicaSets as well.
    reportEmptySelector(selector, "deployment", errors);
  } else errors.push(required("spec.selector"));
  const read = readSelector(selector);
  if (read) validateReplicaTemplate(template, read, errors, options);
  else errors.push(invalid("spec.selector", internalForm("LabelSelector", selector), "invalid label selector"));
}

const counts = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const;

function validateStatusUpdate({ status }: DecodedReplicaSet): FieldError[] {
  const errors: FieldError[] = [];
  validateCounts(status, [...counts, "observedGeneration", "terminatingReplicas"], errors);
  validatePart(status, "fullyLabeledReplicas", "replicas", errors);
  validatePart(status, "readyReplicas", "replicas", errors);
  validatePart(status, "availableReplicas", "replicas", errors);
  validatePart(status, "availableReplicas", "readyReplicas", errors, "readyReplicas");
  return errors;
}
