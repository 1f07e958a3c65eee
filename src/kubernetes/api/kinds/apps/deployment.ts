// Deployment: replaces the pods of a template bit by bit whenever the template changes.

import { child, type FieldError, forbiddenField, invalid, notSupported, required } from "../../field-error.ts";
import type { Deployment, DeploymentStrategy, RollingUpdateDeployment } from "../../generated/types.ts";
import { setPodTemplateDefaults } from "../core/pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "../core/pod-spec/drop-disabled-fields.ts";
import { type PodOptions, podTemplateOptions } from "../core/pod-spec/pod-options.ts";
import { warnOfPodTemplate } from "../core/pod-spec/warnings/warn-of-pod.ts";
import { warnOfPodNames } from "../core/replication-controller.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { refuseConversion } from "../refuse-conversion.ts";
import { reportNegative } from "../report.ts";
import { containerCells } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { CounterError, parseCounter } from "./counter.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent } from "./int-or-percent.ts";
import { readSelector, validateSameSelector } from "./pod-template.ts";
import { validateCollisions, validateCounts, validatePart } from "./replica-counts.ts";
import { validateReplicaSelector } from "./replica-set.ts";

type DecodedDeployment = Decoded<Deployment, "spec" | "status">;

/** Where clients of old APIs left the revision they wanted back. */
const rollbackAnnotation = "deprecated.deployment.rollback.to";

export const deployment = defineKind<DecodedDeployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  setDefaults,
  prepareForCreate: (object) => {
    object.status = {};
    dropDisabledTemplateFields(object.spec.template, undefined);
  },
  prepareForUpdate,
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    if (old.metadata.labels) object.metadata.labels = old.metadata.labels;
    else delete object.metadata.labels;
  },
  validate: (object) => validateDeployment(object, podTemplateOptions()),
  validateUpdate: (object, old) => {
    const errors = validateDeployment(object, podTemplateOptions(old.spec.template));
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
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      formatAge(metadata.creationTimestamp, now),
      ...containerCells(spec.template.spec?.containers),
      readSelector(spec.selector)?.toString() ?? "<invalid>",
    ],
  }),
});

function setDefaults(object: DecodedDeployment): void {
  const { spec } = object;
  settleRollback(object);
  spec.replicas ??= 1;
  setStrategyDefaults(spec);
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  setPodTemplateDefaults(spec.template);
}

function settleRollback(object: DecodedDeployment): void {
  const { annotations } = object.metadata;
  const text = annotations?.[rollbackAnnotation];
  if (!annotations || text === undefined) return;
  if (text === "") delete annotations[rollbackAnnotation];
  else annotations[rollbackAnnotation] = readCounter(object, rollbackAnnotation, text);
}

function readCounter(object: DecodedDeployment, key: string, text: string): string {
  try {
    return String(parseCounter(text));
  } catch (error) {
    if (!(error instanceof CounterError)) throw error;
    throw refuseConversion(object, `failed to parse annotation[${key}]=${text} as int64: ${error.message}`);
  }
}

function setStrategyDefaults(spec: DecodedDeployment["spec"]): void {
  spec.strategy ??= {};
  const { strategy } = spec;
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= "25%";
    strategy.rollingUpdate.maxSurge ??= "25%";
  }
}

/** Annotations count as part of what is wished: the ReplicaSets get them, too. */
function prepareForUpdate(object: DecodedDeployment, old: DecodedDeployment): void {
  object.status = old.status;
  dropDisabledTemplateFields(object.spec.template, old.spec.template);
  if (!deepEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {})) {
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}

function validateDeployment({ metadata, spec }: DecodedDeployment, options: PodOptions): FieldError[] {
  const errors: FieldError[] = [];
  reportNegative(errors, "spec.replicas", spec.replicas);
  validateReplicaSelector(spec, errors, options);
  validateStrategy(spec.strategy ?? {}, "spec.strategy", errors);
  reportNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  reportNegative(errors, "spec.revisionHistoryLimit", spec.revisionHistoryLimit);
  const wanted = metadata.annotations?.[rollbackAnnotation];
  if (wanted !== undefined) reportNegative(errors, "spec.rollback.version", Number(wanted));
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  reportNegative(errors, "spec.progressDeadlineSeconds", deadline);
  if (deadline !== undefined && deadline <= minReadySeconds) {
    errors.push(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  }
  return errors;
}

const strategies = ["Recreate", "RollingUpdate"];

function validateStrategy(strategy: DeploymentStrategy, path: string, errors: FieldError[]): void {
  const { type = "", rollingUpdate } = strategy;
  const field = child(path, "rollingUpdate");
  if (!strategies.includes(type)) {
    errors.push(notSupported(path, internalForm("DeploymentStrategy", strategy), strategies));
  } else if (type === "Recreate") {
    if (rollingUpdate) errors.push(forbiddenField(field, "may not be specified when strategy `type` is 'Recreate'"));
  } else if (rollingUpdate) validateRollingUpdate(rollingUpdate, field, errors);
  else errors.push(required(field, "this should be defaulted and never be nil"));
}

function validateRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment,
  path: string,
  errors: FieldError[],
): void {
  const field = child(path, "maxUnavailable");
  validateIntOrPercent(maxUnavailable, field, errors);
  validateIntOrPercent(maxSurge, child(path, "maxSurge"), errors);
  if (numberOf(maxUnavailable) === 0 && numberOf(maxSurge) === 0) {
    errors.push(invalid(field, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  validateAtMostAll(maxUnavailable, field, errors);
}

const counts = ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"] as const;

function validateStatusUpdate({ status }: DecodedDeployment, old: DecodedDeployment): FieldError[] {
  const errors: FieldError[] = [];
  validateCounts(status, ["observedGeneration", ...counts, "terminatingReplicas", "collisionCount"], errors);
  validatePart(status, "updatedReplicas", "replicas", errors);
  validatePart(status, "readyReplicas", "replicas", errors);
  validatePart(status, "availableReplicas", "replicas", errors);
  validatePart(status, "availableReplicas", "readyReplicas", errors, "readyReplicas");
  validateCollisions(status, old.status, errors);
  return errors;
}
