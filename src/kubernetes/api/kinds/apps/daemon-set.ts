// DaemonSet: one pod of a template on every node the template fits.

import { child, type FieldError, invalid, notSupported, required } from "../../field-error.ts";
import type { DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from "../../generated/types.ts";
import { formatLabelSelector } from "../../selectors/label-selector.ts";
import { schemaOf } from "../../types-table.ts";
import { setPodTemplateDefaults } from "../core/pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "../core/pod-spec/drop-disabled-fields.ts";
import { type PodOptions, podTemplateOptions } from "../core/pod-spec/pod-options.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-pod-spec.ts";
import { warnOfPodTemplate } from "../core/pod-spec/warnings/warn-of-pod.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { isInvalidLabelSelector, validateLabelSelector } from "../metadata/labels.ts";
import { refuseConversion } from "../refuse-conversion.ts";
import { reportNegative } from "../report.ts";
import { containerCells, formatLabels } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { semanticEqual } from "../values/semantic-equal.ts";
import { CounterError, parseCounter } from "./counter.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent } from "./int-or-percent.ts";
import {
  readSelector,
  reportEmptySelector,
  reportUnmatchedLabels,
  validateEndless,
  validateSameSelector,
} from "./pod-template.ts";
import { validateCollisions, validateCounts } from "./replica-counts.ts";

type DecodedDaemonSet = Decoded<DaemonSet, "spec" | "status">;

/** Counts the changes of the template. It was a field of old APIs; the server alone sets it. */
const templateGeneration = "deprecated.daemonset.template.generation";

export const daemonSet = defineKind<DecodedDaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  setDefaults,
  prepareForCreate: (object) => {
    object.status = noStatus();
    dropDisabledTemplateFields(object.spec.template, undefined);
    const generation = generationOf(object);
    setTemplateGeneration(object, generation < 1n ? 1n : generation);
  },
  prepareForUpdate,
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    setTemplateGeneration(object, generationOf(old));
  },
  validate: (object) => validateDaemonSet(object, podTemplateOptions()),
  validateUpdate,
  validateStatusUpdate,
  warnings: (object, old) =>
    old && generationOf(object) === generationOf(old) ? [] : warnOfPodTemplate(object.spec.template, "spec.template"),
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      status.desiredNumberScheduled,
      status.currentNumberScheduled,
      status.numberReady,
      status.updatedNumberScheduled ?? 0,
      status.numberAvailable ?? 0,
      formatLabels(spec.template.spec?.nodeSelector),
      formatAge(metadata.creationTimestamp, now),
      ...containerCells(spec.template.spec?.containers),
      formatLabelSelector(spec.selector),
    ],
  }),
});

function noStatus(): DecodedDaemonSet["status"] {
  return { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
}

function setDefaults(object: DecodedDaemonSet): void {
  const { spec } = object;
  setTemplateGeneration(object, readTemplateGeneration(object));
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
  }
  // Upstream's internal type has no absent amounts.
  if (strategy.rollingUpdate) {
    strategy.rollingUpdate.maxUnavailable ??= 0;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  setPodTemplateDefaults(spec.template);
}

function readTemplateGeneration(object: DecodedDaemonSet): bigint {
  try {
    return generationOf(object);
  } catch (error) {
    if (error instanceof CounterError) throw refuseConversion(object, error.message);
    throw error;
  }
}

function generationOf({ metadata }: DecodedDaemonSet): bigint {
  return parseCounter(metadata.annotations?.[templateGeneration] ?? "0");
}

function setTemplateGeneration({ metadata }: DecodedDaemonSet, generation: bigint): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) };
}

function prepareForUpdate(object: DecodedDaemonSet, old: DecodedDaemonSet): void {
  object.status = old.status;
  dropDisabledTemplateFields(object.spec.template, old.spec.template);
  const schema = schemaOf("io.k8s.api.core.v1.PodTemplateSpec");
  const isSame = semanticEqual(schema, object.spec.template, old.spec.template);
  setTemplateGeneration(object, generationOf(old) + (isSame ? 0n : 1n));
}

function validateUpdate(object: DecodedDaemonSet, old: DecodedDaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  validateSameSelector(object.spec.selector, old.spec.selector, errors);
  const options = podTemplateOptions(old.spec.template);
  const allowInvalidLabelSelectorValues =
    options.allowInvalidLabelSelectorValues || isInvalidLabelSelector(old.spec.selector);
  return [...errors, ...validateDaemonSet(object, { ...options, allowInvalidLabelSelectorValues })];
}

function validateDaemonSet({ spec }: DecodedDaemonSet, options: PodOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { selector, template } = spec;
  const allowInvalidValues = options.allowInvalidLabelSelectorValues;
  if (selector) validateLabelSelector(selector, "spec.selector", errors, { allowInvalidValues });
  const read = readSelector(selector);
  if (read) reportUnmatchedLabels(template, read, errors);
  if (selector) reportEmptySelector(selector, "daemonset", errors);
  validatePodTemplate(template, "spec.template", errors, options);
  validateEndless(template, "DaemonSet", errors);
  reportNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy", errors);
  reportNegative(errors, "spec.revisionHistoryLimit", spec.revisionHistoryLimit);
  return errors;
}

const strategies = ["RollingUpdate", "OnDelete"];

function validateStrategy(strategy: DaemonSetUpdateStrategy, path: string, errors: FieldError[]): void {
  const { type = "", rollingUpdate } = strategy;
  if (!strategies.includes(type)) {
    errors.push(notSupported(path, internalForm("DaemonSetUpdateStrategy", strategy), strategies));
  } else if (type === "RollingUpdate") {
    const field = child(path, "rollingUpdate");
    if (rollingUpdate) validateRollingUpdate(rollingUpdate, field, errors);
    else errors.push(required(field));
  }
}

/** On a node either the old pod goes first, or the new one comes first. */
function validateRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDaemonSet,
  path: string,
  errors: FieldError[],
): void {
  const [unavailablePath, surgePath] = [child(path, "maxUnavailable"), child(path, "maxSurge")];
  validateIntOrPercent(maxUnavailable, unavailablePath, errors);
  validateIntOrPercent(maxSurge, surgePath, errors);
  validateAtMostAll(maxUnavailable, unavailablePath, errors);
  validateAtMostAll(maxSurge, surgePath, errors);
  const hasUnavailable = numberOf(maxUnavailable) !== 0;
  const hasSurge = numberOf(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.push(invalid(surgePath, maxSurge, "may not be set when maxUnavailable is non-zero"));
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(required(unavailablePath, "cannot be 0 when maxSurge is 0"));
  }
}

const counts = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
] as const;

function validateStatusUpdate({ status }: DecodedDaemonSet, old: DecodedDaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  validateCounts(status, counts, errors);
  validateCollisions(status, old.status, errors);
  return errors;
}
