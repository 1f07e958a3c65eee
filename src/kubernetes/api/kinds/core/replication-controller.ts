// ReplicationController: keeps a number of pods of one template running. Superseded by ReplicaSets.

import { type FieldError, forbiddenField, invalid, notSupported, required } from "../../field-error.ts";
import type { PodTemplateSpec, ReplicationController } from "../../generated/types.ts";
import { quote } from "../../go-format.ts";
import { checkDNS1123Label } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { checkLongName } from "../metadata/long-name.ts";
import { reportNegative } from "../report.ts";
import { containerCells, formatLabels } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { setPodTemplateDefaults } from "./pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "./pod-spec/drop-disabled-fields.ts";
import { type PodOptions, podTemplateOptions } from "./pod-spec/pod-options.ts";
import { validatePodTemplate } from "./pod-spec/validate-pod-spec.ts";
import { warnOfPodTemplate } from "./pod-spec/warnings/warn-of-pod.ts";

type DecodedController = Decoded<ReplicationController, "spec" | "status">;

const nonConvertiblePrefix = "non-convertible.kubernetes.io";

export const replicationController = defineKind<DecodedController>({
  group: "",
  version: "v1",
  kind: "ReplicationController",
  hasGeneration: true,
  garbageCollection: "orphan",
  validateName: checkLongName,
  setDefaults,
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
  validate: (object) => validateController(object, podTemplateOptions()),
  validateUpdate: (object, old) => [
    ...validateController(object, podTemplateOptions(old.spec.template)),
    ...validateConversion(object, old),
  ],
  validateStatusUpdate,
  warnings,
  selectableFields: { "status.replicas": ({ status }) => String(status.replicas) },
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      spec.replicas ?? 0,
      status.replicas,
      status.readyReplicas ?? 0,
      formatAge(metadata.creationTimestamp, now),
      ...containerCells(spec.template?.spec?.containers),
      formatLabels(spec.selector),
    ],
  }),
});

function setDefaults({ metadata, spec }: DecodedController): void {
  const labels = spec.template?.metadata?.labels;
  if (labels) {
    if (isEmpty(spec.selector)) spec.selector = { ...labels };
    if (isEmpty(metadata.labels)) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  if (spec.template) setPodTemplateDefaults(spec.template);
}

function isEmpty(labels: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(labels ?? {}).length === 0;
}

function validateController({ spec }: DecodedController, options: PodOptions): FieldError[] {
  const errors: FieldError[] = [];
  reportNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  if (isEmpty(spec.selector)) errors.push(required("spec.selector"));
  if (spec.replicas === undefined) errors.push(required("spec.replicas"));
  reportNegative(errors, "spec.replicas", spec.replicas);
  if (spec.template) validateTemplate(spec.template, spec.selector ?? {}, errors, options);
  else errors.push(required("spec.template"));
  return errors;
}

function validateTemplate(
  template: PodTemplateSpec,
  selector: Readonly<Record<string, string>>,
  errors: FieldError[],
  options: PodOptions,
): void {
  const path = "spec.template";
  const labels = template.metadata?.labels;
  if (Object.entries(selector).some(([key, value]) => labels?.[key] !== value)) {
    const why = "`selector` does not match template `labels`";
    errors.push(invalid(`${path}.metadata.labels`, internalForm("map:string", labels), why));
  }
  validatePodTemplate(template, path, errors, options);
  const { restartPolicy = "", activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== "Always") errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    const why = "activeDeadlineSeconds in ReplicationController is not Supported";
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, why));
  }
}

/** Annotations once said what a ReplicaSet's form could not hold. */
function validateConversion({ spec }: DecodedController, old: DecodedController): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(old.metadata.annotations ?? {})) {
    const [prefix, field, ...rest] = key.split("/");
    if (prefix !== nonConvertiblePrefix || field === undefined || rest.length > 0) continue;
    if (!field.includes("selector")) {
      const body = `Not found: ${quote(value)}: unknown non-convertible field`;
      errors.push({ type: "FieldValueNotFound", field, body });
    } else if (!deepEqual(spec.selector, old.spec.selector)) {
      const why = "cannot update non-convertible selector";
      errors.push(invalid("spec.selector", internalForm("map:string", spec.selector), why));
    }
  }
  return errors;
}

const counts = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const;

function validateStatusUpdate({ status }: DecodedController): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["replicas", ...counts, "observedGeneration"] as const) {
    reportNegative(errors, `status.${field}`, status[field]);
  }
  for (const field of counts) {
    const count = status[field] ?? 0;
    if (count > status.replicas) {
      errors.push(invalid(`status.${field}`, count, "cannot be greater than status.replicas"));
    }
  }
  const { availableReplicas = 0, readyReplicas = 0 } = status;
  if (availableReplicas > readyReplicas) {
    errors.push(invalid("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"));
  }
  return errors;
}

function warnings(object: DecodedController, old: DecodedController | undefined): string[] {
  // Upstream mixes up old and new here: an update is warned of what it replaces.
  if (old && object.metadata.generation === old.metadata.generation) return [];
  const { template } = (old ?? object).spec;
  const ofTemplate = template ? warnOfPodTemplate(template, "spec.template") : [];
  return old ? ofTemplate : [...warnOfPodNames(object.metadata.name ?? ""), ...ofTemplate];
}

/** Of a workload whose name its pods' names are made from. */
export function warnOfPodNames(name: string): string[] {
  const problems = checkDNS1123Label(name);
  if (problems.length === 0) return [];
  const what = "this is used in Pod names and hostnames, which can result in surprising behavior";
  return [`metadata.name: ${what}; a DNS label is recommended: [${problems.join(" ")}]`];
}
