// What can be wrong with a Job, and with a change of one: most of it is fixed once it is made.

import { child, type FieldError, invalid, required } from "../../field-error.ts";
import type { Affinity, Container, JobSpec, PodSpec, PodTemplateSpec } from "../../generated/types.ts";
import { checkDNS1123Label } from "../../names.ts";
import { schemaOf } from "../../types-table.ts";
import { readSelector } from "../apps/pod-template.ts";
import { type PodOptions, podTemplateOptions } from "../core/pod-spec/pod-options.ts";
import { isInvalidLabelSelector, validateLabelSelector } from "../metadata/labels.ts";
import { immutableError } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual, semanticEqual } from "../values/semantic-equal.ts";
import type { DecodedJob } from "./job.ts";
import { hasJobCondition } from "./job-conditions.ts";
import { hasPrefixedLabels, validateGeneratedSelector } from "./job-selector.ts";
import { validateJobSpec } from "./validate-job-spec.ts";

export function validateJob(job: DecodedJob): FieldError[] {
  const errors: FieldError[] = [];
  validateWhole(job, errors, { pods: podTemplateOptions(), prefixed: true });
  return errors;
}

export function validateJobUpdate(job: DecodedJob, old: DecodedJob): FieldError[] {
  const errors: FieldError[] = [];
  const pods = podTemplateOptions(old.spec.template);
  const allowInvalidLabelSelectorValues =
    pods.allowInvalidLabelSelectorValues || isInvalidLabelSelector(old.spec.selector);
  const options = { ...pods, allowInvalidLabelSelectorValues };
  validateWhole(job, errors, { pods: options, prefixed: hasPrefixedLabels(old.spec) });
  // Upstream finds everything that is wrong with the spec twice.
  validateSpec(job.spec, errors, options);
  validateChange(job.spec, old, errors);
  return errors;
}

function validateWhole(
  job: DecodedJob,
  errors: FieldError[],
  { pods, prefixed }: { pods: PodOptions; prefixed: boolean },
): void {
  const { metadata, spec } = job;
  validateGeneratedSelector(job, errors, { prefixed });
  validateSpec(spec, errors, pods);
  if (spec.completionMode !== "Indexed" || (spec.completions ?? 0) <= 0) return;
  const hostname = `${metadata.name ?? ""}-${(spec.completions ?? 0) - 1}`;
  for (const _problem of checkDNS1123Label(hostname).slice(0, 1)) {
    const why = `will not able to create pod with invalid DNS label: ${hostname}`;
    errors.push(invalid("metadata.name", metadata.name ?? "", why));
  }
}

function validateSpec(spec: JobSpec, errors: FieldError[], options: PodOptions): void {
  validateJobSpec(spec, "spec", errors, options);
  const { selector, template } = spec;
  const allowInvalidValues = options.allowInvalidLabelSelectorValues;
  if (selector) validateLabelSelector(selector, "spec.selector", errors, { allowInvalidValues });
  else errors.push(required("spec.selector"));
  const labels = template.metadata?.labels;
  const read = readSelector(selector);
  if (!read || read.matches(labels)) return;
  const why = "`selector` does not match template `labels`";
  errors.push(invalid("spec.template.metadata.labels", internalForm("map:string", labels), why));
}

function validateChange(spec: JobSpec, old: DecodedJob, errors: FieldError[]): void {
  validateCompletions(spec, old.spec, errors);
  reportChange(spec, old.spec, "selector", "*LabelSelector", errors);
  validateTemplateChange(spec, old, errors);
  reportChange(spec, old.spec, "completionMode", "*string", errors);
  reportChange(spec, old.spec, "podFailurePolicy", "*PodFailurePolicy", errors);
  reportChange(spec, old.spec, "backoffLimitPerIndex", "*number", errors);
  reportChange(spec, old.spec, "managedBy", "*string", errors);
  reportChange(spec, old.spec, "successPolicy", "*SuccessPolicy", errors);
}

function reportChange(spec: JobSpec, old: JobSpec, field: keyof JobSpec, type: string, errors: FieldError[]): void {
  if (deepEqual(spec[field], old[field])) return;
  const value = internalForm(type, spec[field]);
  errors.push(invalid(child("spec", field), value ?? undefined, immutableError));
}

/** An indexed Job can be made larger or smaller, together with its parallelism. */
function validateCompletions(spec: JobSpec, old: JobSpec, errors: FieldError[]): void {
  if (spec.completionMode !== "Indexed") reportChange(spec, old, "completions", "*number", errors);
  else if (spec.completions !== old.completions && spec.completions !== undefined) {
    if (spec.completions === spec.parallelism) return;
    const why = "can only be modified in tandem with spec.parallelism";
    errors.push(invalid("spec.completions", spec.completions, why));
  }
}

/** While a Job is suspended and none of its pods run, a queue may still decide where they will run and with how much. */
function validateTemplateChange({ template }: JobSpec, old: DecodedJob, errors: FieldError[]): void {
  if (!isAtRest(old)) reportTemplateChange(template, old.spec.template, errors);
  else {
    const wanted = withResources(withScheduling(old.spec.template.spec, template.spec), template.spec);
    if (semanticEqual(schemaOf("io.k8s.api.core.v1.PodSpec"), template.spec, wanted)) return;
    errors.push(invalid("spec.template.spec", internalForm("PodSpec", template.spec), immutableError));
  }
}

function isAtRest({ spec, status }: DecodedJob): boolean {
  const isIdle = status.startTime === undefined || hasJobCondition(status.conditions, "Suspended");
  return spec.suspend === true && isIdle && (status.active ?? 0) === 0;
}

function reportTemplateChange(template: PodTemplateSpec, old: PodTemplateSpec, errors: FieldError[]): void {
  if (semanticEqual(schemaOf("io.k8s.api.core.v1.PodTemplateSpec"), template, old)) return;
  errors.push(invalid("spec.template", internalForm("PodTemplateSpec", template), immutableError));
}

const noPods: PodSpec = { containers: [] };

function withScheduling(old: PodSpec = noPods, spec: PodSpec = noPods): PodSpec {
  const { nodeSelector, tolerations, schedulingGates } = spec;
  const affinity = withNodeAffinity(old.affinity, spec.affinity);
  return { ...old, ...({ nodeSelector, tolerations, schedulingGates, affinity } as Partial<PodSpec>) };
}

function withNodeAffinity(old: Affinity | undefined, affinity: Affinity | undefined): Affinity | undefined {
  if (!old && !affinity) return undefined;
  const { nodeAffinity: _old, ...others } = old ?? {};
  const nodeAffinity = affinity?.nodeAffinity;
  const merged = { ...others, ...(nodeAffinity && { nodeAffinity }) };
  return !affinity && Object.keys(merged).length === 0 ? undefined : merged;
}

function withResources(old: PodSpec, spec: PodSpec = noPods): PodSpec {
  const containers = resourcesOf(old.containers, spec.containers) ?? [];
  const initContainers = resourcesOf(old.initContainers, spec.initContainers);
  return { ...old, containers, ...(initContainers && { initContainers }) };
}

function resourcesOf(old: Container[] | undefined, containers: Container[] | undefined): Container[] | undefined {
  if (!old || !containers || old.length !== containers.length) return old;
  return old.map((container, index) => {
    const { name, resources } = containers[index]!;
    return container.name === name ? { ...container, ...({ resources } as Partial<Container>) } : container;
  });
}
