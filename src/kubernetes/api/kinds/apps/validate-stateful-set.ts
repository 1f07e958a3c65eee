// What can be wrong with a StatefulSet, in upstream's order.

import { child, type FieldError, forbiddenField, invalid, item, notSupported, required } from "../../field-error.ts";
import type {
  PodTemplateSpec,
  RollingUpdateStatefulSetStrategy,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
  Volume,
} from "../../generated/types.ts";
import { checkDNS1123Label } from "../../names.ts";
import { schemaOf } from "../../types-table.ts";
import type { DecodedClaim } from "../core/persistent-volume-claim/persistent-volume-claim.ts";
import { validateClaimSpec } from "../core/persistent-volume-claim/validate-spec.ts";
import { type PodOptions, podTemplateOptions } from "../core/pod-spec/pod-options.ts";
import { validatePodAnnotations } from "../core/pod-spec/validate-annotations.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-pod-spec.ts";
import { validateAnnotations } from "../metadata/annotations.ts";
import { validateLabelSelector, validateLabels } from "../metadata/labels.ts";
import { reportInvalid, reportNegative } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { semanticEqual } from "../values/semantic-equal.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent } from "./int-or-percent.ts";
import { readSelector, reportEmptySelector, reportUnmatchedLabels, validateEndless } from "./pod-template.ts";
import { validateCollisions, validateCounts, validatePart } from "./replica-counts.ts";
import type { DecodedStatefulSet } from "./stateful-set.ts";

/** What an old object may keep, since it cannot change. */
interface Allowances {
  readonly pods: PodOptions;
  readonly anyServiceName?: boolean;
  readonly anyClaimTemplates?: boolean;
  readonly anyTemplate?: boolean;
}

export function validateStatefulSet({ spec }: DecodedStatefulSet): FieldError[] {
  return validateSpec(spec, { pods: podTemplateOptions() });
}

export function validateStatefulSetUpdate({ spec }: DecodedStatefulSet, old: DecodedStatefulSet): FieldError[] {
  const pods = podTemplateOptions(old.spec.template);
  const allowances = { pods, anyServiceName: true, anyClaimTemplates: true };
  const anyTemplate = validateSpec(old.spec, allowances).length > 0;
  const errors = validateSpec(spec, { ...allowances, anyTemplate });
  if (!isSameButForChangeable(spec, old.spec)) {
    const why =
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    errors.push(forbiddenField("spec", why));
  }
  return errors;
}

function isSameButForChangeable(spec: StatefulSetSpec, old: StatefulSetSpec): boolean {
  const { selector, serviceName, podManagementPolicy, volumeClaimTemplates } = spec;
  const fixed = { selector, serviceName, podManagementPolicy, volumeClaimTemplates };
  return semanticEqual(schemaOf("io.k8s.api.apps.v1.StatefulSetSpec"), { ...old, ...fixed }, old);
}

function validateSpec(spec: StatefulSetSpec, allowances: Allowances): FieldError[] {
  const errors: FieldError[] = [];
  const policy = spec.podManagementPolicy;
  if (!policy) errors.push(required("spec.podManagementPolicy"));
  else if (policy !== "OrderedReady" && policy !== "Parallel") {
    errors.push(invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy", errors);
  validateRetention(spec.persistentVolumeClaimRetentionPolicy, "spec.persistentVolumeClaimRetentionPolicy", errors);
  if (!allowances.anyClaimTemplates) validateClaimTemplates(spec, errors);
  reportNegative(errors, "spec.replicas", spec.replicas);
  reportNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  reportNegative(errors, "spec.ordinals.start", spec.ordinals?.start);
  const { serviceName } = spec;
  if (!allowances.anyServiceName && serviceName) {
    reportInvalid(errors, "spec.serviceName", serviceName, checkDNS1123Label(serviceName));
  }
  validateSelector(spec, errors, allowances);
  validateEndless(spec.template, "StatefulSet", errors);
  return errors;
}

function validateStrategy(strategy: StatefulSetUpdateStrategy, path: string, errors: FieldError[]): void {
  const { type, rollingUpdate } = strategy;
  const field = child(path, "rollingUpdate");
  switch (type ?? "") {
    case "":
      errors.push(required(path));
      break;
    case "OnDelete":
      if (rollingUpdate) {
        const shown = internalForm("RollingUpdateStatefulSetStrategy", rollingUpdate);
        errors.push(invalid(field, shown, "only allowed for updateStrategy 'RollingUpdate'"));
      }
      break;
    case "RollingUpdate":
      if (rollingUpdate) validateRollingUpdate(rollingUpdate, field, errors);
      break;
    default:
      errors.push(
        invalid(path, internalForm("StatefulSetUpdateStrategy", strategy), "must be 'RollingUpdate' or 'OnDelete'"),
      );
  }
}

function validateRollingUpdate(
  { partition, maxUnavailable }: RollingUpdateStatefulSetStrategy,
  path: string,
  errors: FieldError[],
): void {
  reportNegative(errors, child(path, "partition"), partition);
  if (maxUnavailable === undefined) return;
  const field = child(path, "maxUnavailable");
  validateIntOrPercent(maxUnavailable, field, errors);
  if (numberOf(maxUnavailable) === 0) errors.push(invalid(field, maxUnavailable, "cannot be 0"));
  validateAtMostAll(maxUnavailable, field, errors);
}

const retentions = ["Retain", "Delete"];

function validateRetention(
  policy: StatefulSetPersistentVolumeClaimRetentionPolicy | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!policy) return;
  for (const field of ["whenDeleted", "whenScaled"] as const) {
    const value = policy[field] ?? "";
    if (!retentions.includes(value)) errors.push(notSupported(child(path, field), value, retentions));
  }
}

function validateClaimTemplates({ volumeClaimTemplates }: StatefulSetSpec, errors: FieldError[]): void {
  for (const [index, claim] of (volumeClaimTemplates ?? []).entries()) {
    validateClaimSpec((claim as DecodedClaim).spec, child(item("spec.volumeClaimTemplates", index), "spec"), errors);
  }
}

function validateSelector(spec: StatefulSetSpec, errors: FieldError[], allowances: Allowances): void {
  const { selector } = spec;
  if (selector) {
    validateLabelSelector(selector, "spec.selector", errors);
    reportEmptySelector(selector, "statefulset", errors);
  } else errors.push(required("spec.selector"));
  const read = readSelector(selector);
  if (!read) {
    errors.push(invalid("spec.selector", internalForm("LabelSelector", selector), ""));
    return;
  }
  reportUnmatchedLabels(spec.template, read, errors);
  validateTemplate(templateOfPods(spec), errors, allowances);
}

function validateTemplate(template: PodTemplateSpec, errors: FieldError[], { pods, anyTemplate }: Allowances): void {
  const path = "spec.template";
  if (!anyTemplate) validatePodTemplate(template, path, errors, pods);
  const { metadata = {}, spec = { containers: [] } } = template;
  const annotationsPath = child(path, "annotations");
  validateLabels(metadata.labels, child(path, "labels"), errors);
  validateAnnotations(metadata.annotations, annotationsPath, errors);
  if (metadata.annotations) validatePodAnnotations(metadata.annotations, spec, annotationsPath, errors, pods);
}

/** The template with what the controller sets in each pod: a name of its own, and volumes of its claims. */
function templateOfPods({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (!template.spec) return template;
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = template.spec;
  if (volumeClaimTemplates.length > 0) {
    const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ""));
    const claimed = [...names].map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }));
    spec.volumes = [...claimed, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))];
  }
  return { ...template, spec };
}

const counts = ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"] as const;

export function validateStatefulSetStatusUpdate({ status }: DecodedStatefulSet, old: DecodedStatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  validateCounts(status, [...counts, "observedGeneration", "collisionCount"], errors);
  for (const part of counts.slice(1)) validatePart(status, part, "replicas", errors);
  validatePart(status, "availableReplicas", "readyReplicas", errors);
  validateCollisions(status, old.status, errors);
  return errors;
}
