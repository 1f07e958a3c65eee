// What may change in a Pod: images, tolerations added, gates removed, and little else.

import { child, type FieldError, forbiddenField, invalid, item, required } from "../../../field-error.ts";
import type { Container, NodeAffinity, NodeSelectorTerm, PodSpec, Toleration } from "../../../generated/types.ts";
import { schemaOf } from "../../../types-table.ts";
import { diffInternalForms } from "../../values/diff/unified-diff.ts";
import { internalForm } from "../../values/internal-form.ts";
import { deepEqual, semanticEqual } from "../../values/semantic-equal.ts";
import { type PodOptions, podOptions } from "../pod-spec/pod-options.ts";
import { appArmorPrefix, mirrorAnnotation, validatePodAnnotations } from "../pod-spec/validate-annotations.ts";
import { validateImageText } from "../pod-spec/validate-containers.ts";
import { validateTolerations } from "../scheduling/taints.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { validatePodItself } from "./validate-pod.ts";

const changeableFields = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** Whether two specs are the same to Kubernetes. */
export function samePodSpec(a: PodSpec, b: PodSpec): boolean {
  return deepEqual(a, b) || semanticEqual(schemaOf("io.k8s.api.core.v1.PodSpec"), a, b);
}

export function validatePodUpdate(pod: DecodedPod, old: DecodedPod): FieldError[] {
  const errors: FieldError[] = [];
  const options = podOptions(old);
  validatePodItself(pod, errors, options);
  validateAnnotationsUpdate(pod, old, errors, options);
  for (const list of ["containers", "initContainers"] as const) {
    const sameNumber = validateImages(pod.spec[list] ?? [], old.spec[list] ?? [], child("spec", list), errors);
    if (!sameNumber) return errors;
  }
  if (!validateDeadlineUpdate(pod.spec, old.spec, errors)) return errors;
  validateTolerationsUpdate(pod.spec.tolerations ?? [], old.spec.tolerations ?? [], errors, options);
  validateGatesUpdate(pod.spec, old.spec, errors);
  if (!samePodSpec(pod.spec, old.spec)) validateRest(pod.spec, old.spec, errors);
  return errors;
}

/** Annotations that say how the pod runs or where it came from stay as they are. */
export function validateAnnotationsUpdate(
  pod: DecodedPod,
  old: DecodedPod,
  errors: FieldError[],
  options: PodOptions,
): void {
  const annotations = pod.metadata.annotations ?? {};
  const oldAnnotations = old.metadata.annotations ?? {};
  for (const key of Object.keys(oldAnnotations)) {
    if (annotations[key] !== oldAnnotations[key]) reportFixedAnnotation(key, "remove or update", errors);
  }
  for (const key of Object.keys(annotations)) {
    if (!(key in oldAnnotations)) reportFixedAnnotation(key, "add", errors);
  }
  validatePodAnnotations(annotations, pod.spec, "metadata.annotations", errors, options);
}

function reportFixedAnnotation(key: string, action: string, errors: FieldError[]): void {
  const what = key.startsWith(appArmorPrefix)
    ? "AppArmor annotations"
    : key === mirrorAnnotation
      ? "mirror pod annotation"
      : undefined;
  if (what !== undefined) errors.push(forbiddenField(`metadata.annotations[${key}]`, `may not ${action} ${what}`));
}

function validateImages(
  containers: readonly Container[],
  old: readonly Container[],
  path: string,
  errors: FieldError[],
): boolean {
  if (containers.length !== old.length) {
    errors.push(forbiddenField(path, "pod updates may not add or remove containers"));
    return false;
  }
  for (const [index, container] of containers.entries()) {
    if (!container.image) errors.push(required(child(item(path, index), "image")));
    validateImageText(container, item(path, index), errors);
  }
  return true;
}

/** It may be set and lowered, not raised or taken away. Answers whether the rest is worth a look. */
function validateDeadlineUpdate(spec: PodSpec, old: PodSpec, errors: FieldError[]): boolean {
  const field = "spec.activeDeadlineSeconds";
  const [seconds, oldSeconds] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds];
  if (seconds === undefined) {
    if (oldSeconds !== undefined) {
      errors.push(invalid(field, undefined, "must not update from a positive integer to nil value"));
    }
    return true;
  }
  const most = 2 ** 31 - 1;
  if (seconds < 0 || seconds > most) {
    errors.push(invalid(field, seconds, `must be between 0 and ${most}, inclusive`));
    return false;
  }
  if (oldSeconds === undefined || seconds <= oldSeconds) return true;
  errors.push(invalid(field, seconds, "must be less than or equal to previous value"));
  return false;
}

function validateTolerationsUpdate(
  tolerations: readonly Toleration[],
  old: readonly Toleration[],
  errors: FieldError[],
  { allowTolerationComparison }: PodOptions,
): void {
  const path = "spec.tolerations";
  const isKept = (known: Toleration): boolean =>
    tolerations.some((toleration) =>
      deepEqual({ ...known, tolerationSeconds: undefined }, { ...toleration, tolerationSeconds: undefined }),
    );
  if (!old.every(isKept)) {
    errors.push(forbiddenField(path, "existing toleration can not be modified except its tolerationSeconds"));
    return;
  }
  validateTolerations(tolerations, path, errors, { allowComparison: allowTolerationComparison });
}

function validateGatesUpdate(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  const places = new Map((spec.schedulingGates ?? []).map(({ name }, index) => [name, index]));
  for (const [name, index] of places) {
    if (known.has(name)) continue;
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbiddenField(`spec.schedulingGates[${index}].name`, why));
  }
}

/** What is left when everything that may change is put back must be what was there before. */
function validateRest(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const rest = withOldImages(spec, old);
  copyField(rest, old, "activeDeadlineSeconds");
  copyField(rest, old, "schedulingGates");
  copyField(rest, old, "tolerations");
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && rest.terminationGracePeriodSeconds === 1) {
    copyField(rest, old, "terminationGracePeriodSeconds");
  }
  if (old.schedulingGates) allowNarrowing(rest, old, errors);
  if (samePodSpec(rest, old)) return;
  const why = `pod updates may not change fields other than ${changeableFields}`;
  errors.push(forbiddenField("spec", `${why}\n${diffInternalForms("PodSpec", old, rest)}`));
}

function withOldImages(spec: PodSpec, old: PodSpec): PodSpec {
  const withImages = (containers: Container[], oldContainers: readonly Container[]): Container[] =>
    containers.map((container, index) => {
      const { image } = oldContainers[index] ?? {};
      return image === undefined ? container : { ...container, image };
    });
  // Decoding writes null where a client took all containers away.
  const containers = spec.containers && withImages(spec.containers, old.containers ?? []);
  if (!spec.initContainers) return { ...spec, containers };
  return { ...spec, containers, initContainers: withImages(spec.initContainers, old.initContainers ?? []) };
}

function copyField<Field extends keyof PodSpec>(spec: PodSpec, from: PodSpec, field: Field): void {
  if (from[field] === undefined) delete spec[field];
  else spec[field] = from[field];
}

/** A pod that is not to be scheduled yet may still be told more narrowly where to run. Changes `rest` back. */
function allowNarrowing(rest: PodSpec, old: PodSpec, errors: FieldError[]): void {
  if (!deepEqual(rest.nodeSelector, old.nodeSelector)) {
    validateSelectorUpdate(rest, old, errors);
    copyField(rest, old, "nodeSelector");
  }
  const nodeAffinity = old.affinity?.nodeAffinity;
  if (deepEqual(rest.affinity?.nodeAffinity, nodeAffinity)) return;
  validateNodeAffinityUpdate(rest.affinity?.nodeAffinity, nodeAffinity, errors);
  const { nodeAffinity: _changed, ...others } = rest.affinity ?? {};
  if (nodeAffinity) rest.affinity = { ...others, nodeAffinity };
  else if (!old.affinity && Object.keys(others).length === 0) delete rest.affinity;
  else rest.affinity = others;
}

function validateSelectorUpdate(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const selector = spec.nodeSelector ?? {};
  const isNarrower = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => selector[key] === value);
  if (isNarrower) return;
  const why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
  errors.push(invalid("spec.nodeSelector", internalForm("map:string", spec.nodeSelector), why));
}

function validateNodeAffinityUpdate(
  affinity: NodeAffinity | undefined,
  old: NodeAffinity | undefined,
  errors: FieldError[],
): void {
  const oldTerms = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!oldTerms) return;
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  if (oldTerms.length !== (terms?.length ?? 0)) {
    const why = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
    errors.push(invalid(path, internalForm("[]NodeSelectorTerm", terms), why));
    return;
  }
  for (const [index, term] of (terms ?? []).entries()) {
    if (hasOnlyAdditions(term, oldTerms[index] ?? {})) continue;
    const why = "only additions are allowed (no mutations or deletions)";
    errors.push(invalid(item(path, index), internalForm("NodeSelectorTerm", term), why));
  }
}

function hasOnlyAdditions(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = ["matchExpressions", "matchFields"] as const;
  // A term that selects nothing would select more by any addition.
  if (lists.every((list) => !old[list]?.length)) return lists.every((list) => !term[list]?.length);
  return lists.every((list) => {
    const known = old[list] ?? [];
    return deepEqual((term[list] ?? []).slice(0, known.length), known);
  });
}
