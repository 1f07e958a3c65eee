// pods/resize: CPU and memory of containers, and of the pod as a whole, may change while it runs; nothing else.

import { child, type FieldError, forbiddenField, invalid, item } from "../../../field-error.ts";
import type { Container, PodSpec, ResourceRequirements } from "../../../generated/types.ts";
import { schemaOf } from "../../../types-table.ts";
import { keepMetadata } from "../../metadata/keep-metadata.ts";
import { semanticEqual } from "../../values/semantic-equal.ts";
import { dropDisabledFields } from "../pod-spec/drop-disabled-fields.ts";
import { podOptions } from "../pod-spec/pod-options.ts";
import { mirrorAnnotation } from "../pod-spec/validate-annotations.ts";
import { isSidecar } from "../resources/pod-totals.ts";
import type { ResourceList } from "../resources/quantities.ts";
import { countGeneration } from "./count-generation.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { qualityOfService } from "./quality-of-service.ts";
import { validatePodItself } from "./validate-pod.ts";
import { samePodSpec } from "./validate-pod-update.ts";

const lists = ["containers", "initContainers"] as const;

/** Takes resources and resize policies over from the new pod, all else from the old, where containers still pair up. */
export function prepareResize(pod: DecodedPod, old: DecodedPod): void {
  if (lists.every((list) => (pod.spec[list] ?? []).length === (old.spec[list] ?? []).length)) {
    const { resources, containers, initContainers } = pod.spec;
    const { resources: _old, ...spec } = old.spec;
    pod.spec = { ...spec, containers: withNewResources(containers, old.spec.containers) };
    if (resources) pod.spec.resources = resources;
    if (initContainers) {
      pod.spec.initContainers = withNewResources(initContainers, old.spec.initContainers ?? []);
    }
    pod.status = old.status;
    keepMetadata(pod.metadata, old.metadata);
  }
  dropDisabledFields(pod.spec, old.spec);
  countGeneration(pod, old);
}

function withNewResources(containers: Container[], old: readonly Container[]): Container[] {
  // Decoding writes null where a client took all containers away.
  if (!containers || !old) return containers;
  if (containers.some(({ name }, index) => name !== old[index]?.name)) return containers;
  return containers.map(({ resources, resizePolicy }, index) => {
    const { resources: _resources, resizePolicy: _policy, ...rest } = old[index]!;
    return { ...rest, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) };
  });
}

export function validateResize(pod: DecodedPod, old: DecodedPod): FieldError[] {
  const refusal = describeUnresizable(old);
  if (refusal !== undefined) return [forbiddenField("[]", refusal)];
  const errors: FieldError[] = [];
  validatePodItself(pod, errors, podOptions(old));
  if ((old.status.qosClass || qualityOfService(old.spec)) !== qualityOfService(pod.spec)) {
    errors.push(invalid("spec", pod.status.qosClass ?? "", "Pod QOS Class may not change as a result of resizing"));
  }
  const running = old.status.containerStatuses?.find(({ state }) => state?.running);
  if (running && !running.resources) {
    errors.push(forbiddenField("spec", "Pod running on node without support for resize"));
  }
  const rest = { ...pod.spec };
  if (hasResources(pod.spec) || hasResources(old.spec)) validatePodLevel(rest, old.spec, errors);
  if (old.status.nodeAllocatableResourceClaimStatuses?.length) {
    errors.push(forbiddenField("spec", "pods with node allocatable resource claims cannot be resized"));
  }
  if (!validateSameContainers(pod.spec, old.spec, errors)) return errors;
  for (const list of ["initContainers", "containers"] as const) reportRemoved(pod.spec, old.spec, list, errors);
  rest.containers = validateContainers(rest.containers ?? [], old.spec.containers ?? [], errors);
  if (rest.initContainers) {
    rest.initContainers = validateInitContainers(rest.initContainers, old.spec.initContainers ?? [], errors);
  }
  if (errors.length === 0 && !samePodSpec(rest, old.spec)) {
    errors.push(forbiddenField("spec", "only cpu and memory resources are mutable"));
  }
  return errors;
}

function describeUnresizable({ metadata, spec }: DecodedPod): string | undefined {
  if (metadata.annotations?.[mirrorAnnotation] !== undefined) return "static pods cannot be resized";
  return spec.os?.name === "windows" ? "windows pods cannot be resized" : undefined;
}

function hasResources({ resources }: PodSpec): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0;
}

/** Puts the old CPU and memory back into `rest`, and reports what is then still different. */
function validatePodLevel(rest: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const { resources } = rest;
  if (old.resources && !resources) {
    errors.push(forbiddenField("spec.resources", "pod-level resources cannot be removed"));
    return;
  }
  for (const side of ["requests", "limits"] as const) {
    if (old.resources && isRemoved(resources?.[side], old.resources[side])) {
      errors.push(forbiddenField(child("spec.resources", side), `pod-level resource ${side} cannot be removed`));
    }
  }
  const kept = withOldAmounts(resources ?? {}, old.resources);
  if (!old.resources && Object.keys(kept).length === 0) delete rest.resources;
  else rest.resources = kept;
  if (!sameResources(rest.resources, old.resources)) {
    errors.push(forbiddenField("spec", "only cpu and memory resources are mutable at pod-level"));
  }
}

function sameResources(a: ResourceRequirements | undefined, b: ResourceRequirements | undefined): boolean {
  return semanticEqual(schemaOf("io.k8s.api.core.v1.ResourceRequirements"), a, b);
}

function sameContainer(a: Container, b: Container): boolean {
  return semanticEqual(schemaOf("io.k8s.api.core.v1.Container"), a, b);
}

function validateSameContainers(spec: PodSpec, old: PodSpec, errors: FieldError[]): boolean {
  const errorsBefore = errors.length;
  for (const list of lists) {
    const [containers, oldContainers] = [spec[list] ?? [], old[list] ?? []];
    if (containers.length !== oldContainers.length) {
      errors.push(forbiddenField(child("spec", list), `${list} may not be added or removed on resize`));
      continue;
    }
    for (const [index, { name }] of oldContainers.entries()) {
      if (containers[index]?.name === name) continue;
      const field = child(item(child("spec", list), index), "name");
      errors.push(forbiddenField(field, `${list} may not be renamed or reordered on resize`));
    }
  }
  return errors.length === errorsBefore;
}

/** An amount once given may change, but not be taken away. */
function reportRemoved(spec: PodSpec, old: PodSpec, list: (typeof lists)[number], errors: FieldError[]): void {
  for (const [index, { resources }] of (old[list] ?? []).entries()) {
    for (const side of ["requests", "limits"] as const) {
      if (!isRemoved(spec[list]?.[index]?.resources?.[side], resources?.[side])) continue;
      const field = `spec.${list}[${index}].resources.${side}`;
      errors.push(forbiddenField(field, `resource ${side} cannot be removed`));
    }
  }
}

function isRemoved(amounts: ResourceList | undefined, old: ResourceList | undefined): boolean {
  return Object.keys(old ?? {}).some((name) => amounts?.[name] === undefined);
}

function validateContainers(containers: Container[], old: readonly Container[], errors: FieldError[]): Container[] {
  return containers.map((container, index) => {
    const kept = withOldResources(container, old[index]!);
    if (!sameContainer(kept, old[index]!)) {
      errors.push(forbiddenField("spec", "only cpu and memory resources are mutable"));
    }
    return kept;
  });
}

/** One that has ended cannot be restarted for a resize. */
function validateInitContainers(containers: Container[], old: readonly Container[], errors: FieldError[]): Container[] {
  return containers.map((container, index) => {
    const path = item("spec.initContainers", index);
    const kept = withOldResources(container, old[index]!);
    if (!sameContainer(kept, old[index]!)) {
      errors.push(forbiddenField(path, "only cpu and memory resources for init or sidecar containers are mutable"));
    }
    if (!isSidecar(container) && !sameContainer(container, old[index]!)) {
      for (const { restartPolicy } of container.resizePolicy ?? []) {
        if (restartPolicy !== "RestartContainer") continue;
        const why = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized";
        errors.push(forbiddenField(path, why));
      }
    }
    return kept;
  });
}

/** Claims of devices are left out, as upstream does: with any, a container counts as changed. */
function withOldResources(container: Container, old: Container): Container {
  const { claims: _claims, ...resources } = container.resources ?? {};
  return { ...container, resources: withOldAmounts(resources, old.resources) };
}

function withOldAmounts(resources: ResourceRequirements, old: ResourceRequirements | undefined): ResourceRequirements {
  const kept: ResourceRequirements = { ...resources };
  for (const side of ["requests", "limits"] as const) {
    const { cpu: _cpu, memory: _memory, ...others } = resources[side] ?? {};
    const { cpu, memory } = old?.[side] ?? {};
    const amounts = { ...others, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
    if (Object.keys(amounts).length > 0) kept[side] = amounts;
    else delete kept[side];
  }
  return kept;
}
