// What the workloads of this group ask of their selector and of the template of their pods.

import { type FieldError, forbiddenField, invalid, notSupported } from "../../field-error.ts";
import type { LabelSelector, PodTemplateSpec } from "../../generated/types.ts";
import { type Selector, selectorOf } from "../../selectors/label-selector.ts";
import { SelectorError } from "../../selectors/requirement.ts";
import type { PodOptions } from "../core/pod-spec/pod-options.ts";
import { validatePodTemplate } from "../core/pod-spec/validate-pod-spec.ts";
import { immutableError } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";

/** Undefined for a selector that breaks a rule. An absent one selects nothing. */
export function readSelector(selector: LabelSelector | null | undefined): Selector | undefined {
  try {
    return selectorOf(selector ?? undefined);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** A workload whose selector selects everything would take every pod for its own. */
export function reportEmptySelector(selector: LabelSelector, workload: string, errors: FieldError[]): void {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (Object.keys(matchLabels).length + matchExpressions.length > 0) return;
  const why = `empty selector is invalid for ${workload}`;
  errors.push(invalid("spec.selector", internalForm("LabelSelector", selector), why));
}

export function reportUnmatchedLabels(template: PodTemplateSpec, selector: Selector, errors: FieldError[]): void {
  const labels = template.metadata?.labels;
  if (selector.isEmpty || selector.matches(labels)) return;
  const why = "`selector` does not match template `labels`";
  errors.push(invalid("spec.template.metadata.labels", internalForm("map:string", labels), why));
}

/** Pods of a workload that goes on forever. */
export function validateEndless({ spec }: PodTemplateSpec, workload: string, errors: FieldError[]): void {
  const { restartPolicy = "", activeDeadlineSeconds } = spec ?? {};
  if (restartPolicy !== "Always") {
    errors.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
  }
  if (activeDeadlineSeconds === undefined) return;
  const why = `activeDeadlineSeconds in ${workload} is not Supported`;
  errors.push(forbiddenField("spec.template.spec.activeDeadlineSeconds", why));
}

/** The template of a ReplicaSet, and of a Deployment, which hands it on. */
export function validateReplicaTemplate(
  template: PodTemplateSpec,
  selector: Selector,
  errors: FieldError[],
  options: PodOptions,
): void {
  reportUnmatchedLabels(template, selector, errors);
  validatePodTemplate(template, "spec.template", errors, options);
  validateEndless(template, "ReplicaSet", errors);
}

export function validateSameSelector(
  selector: LabelSelector | null | undefined,
  old: LabelSelector | null | undefined,
  errors: FieldError[],
): void {
  if (deepEqual(selector, old)) return;
  errors.push(invalid("spec.selector", internalForm("*LabelSelector", selector), immutableError));
}
