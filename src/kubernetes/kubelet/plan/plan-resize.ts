// Whether a running container's resources are to be changed, and whether that needs a restart (its resizePolicy says).

import { type Container, quantityMilliValue, quantityValue, type ResourceRequirements } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";
import { hasPodLevelResources } from "../pod/resources.ts";
import { findObserved, type ObservedContainer, type ObservedPod } from "../runtime/observed.ts";
import type { ContainerToKill, ContainerToResize, PodView, ResourceAmounts } from "./pod-plan.ts";

export type ResizeVerdict =
  | { readonly action: "keep" }
  | { readonly action: "resize"; readonly resize: ContainerToResize }
  | { readonly action: "restart"; readonly kill: ContainerToKill };

const resourceOf: Readonly<Record<keyof ResourceAmounts, "cpu" | "memory">> = {
  cpuRequest: "cpu",
  cpuLimit: "cpu",
  memoryRequest: "memory",
  memoryLimit: "memory",
};

/** Compares what the container is to have with what it was given; where nobody knows that, nothing is changed. */
export function planResize(
  pod: BoundPod,
  container: Container,
  observed: ObservedContainer,
  given: ResourceRequirements | undefined,
): ResizeVerdict {
  if (!given) return { action: "keep" };
  const desired = amountsOf(effectiveResources(pod, container));
  const current = amountsOf(given);
  const keys = Object.keys(resourceOf) as (keyof ResourceAmounts)[];
  const changed = new Set(keys.filter((key) => desired[key] !== current[key]).map((key) => resourceOf[key]));
  if (changed.size === 0) return { action: "keep" };
  const restart = container.resizePolicy?.some(
    ({ resourceName, restartPolicy }) =>
      changed.has(resourceName as "cpu" | "memory") && restartPolicy === "RestartContainer",
  );
  if (!restart) return { action: "resize", resize: { observed, container, desired, current } };
  const message = `Container ${container.name} resize requires restart`;
  return { action: "restart", kill: { observed, container, message, reason: "Resize" } };
}

/** With the pod's own limits where the container has none. */
export function effectiveResources({ spec }: BoundPod, container: Container): ResourceRequirements {
  const own = container.resources ?? {};
  if (!hasPodLevelResources(spec, "limits")) return own;
  const { cpu, memory } = spec.resources?.limits ?? {};
  return { ...own, limits: { ...(cpu && { cpu }), ...(memory && { memory }), ...own.limits } };
}

export function amountsOf({ requests, limits }: ResourceRequirements): ResourceAmounts {
  return {
    cpuRequest: quantityMilliValue(requests?.["cpu"]),
    cpuLimit: quantityMilliValue(limits?.["cpu"]),
    memoryRequest: quantityValue(requests?.["memory"]),
    memoryLimit: quantityValue(limits?.["memory"]),
  };
}

/** Whether a running container has not yet what it was promised. */
export function isResizing({ pod, observed, given }: Pick<PodView, "pod" | "observed" | "given">): boolean {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some((container) => {
    const run = findObserved(observed, container.name);
    return run?.state === "running" && planResize(pod, container, run, given(container.name)).action !== "keep";
  });
}

/** What the runtime does not tell of running containers' resources, filled in with what they were given. */
export function withGivenResources(
  pod: ObservedPod,
  given: (containerName: string) => ResourceRequirements | undefined,
): ObservedPod {
  const containers = pod.containers.map((container): ObservedContainer => {
    const known = container.state === "running" ? given(container.name) : undefined;
    if (!known) return container;
    const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = amountsOf(known);
    const own = { cpuRequestMilli: cpuRequest, cpuLimitMilli: cpuLimit, memoryLimitBytes: memoryLimit };
    return { ...container, resources: { ...(container.resources ?? own), memoryRequestBytes: memoryRequest } };
  });
  return { ...pod, containers };
}
