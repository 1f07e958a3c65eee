// What a pod as a whole requests and is limited to (component-helpers' resource package, from the spec alone).

import type { Container, Pod, ResourceRequirements } from "../generated/types.ts";
import { addResources, maxResources, type ResourceList } from "./resource-list.ts";

export interface PodResourcesOptions {
  /** Counts spec.overhead too. Default true. */
  readonly overhead?: boolean;
}

/** The sum of its containers, or what starting it takes where that is more; what the pod says of itself counts instead. */
export function podRequests(pod: Pod, options: PodResourcesOptions = {}): ResourceList {
  const requests = aggregate(pod, "requests");
  return options.overhead === false ? requests : addResources(requests, pod.spec?.overhead ?? {});
}

/** As podRequests; overhead only adds to what is limited at all. */
export function podLimits(pod: Pod, options: PodResourcesOptions = {}): ResourceList {
  const limits = aggregate(pod, "limits");
  if (options.overhead === false) return limits;
  const overhead = Object.entries(pod.spec?.overhead ?? {}).filter(([name]) => limits[name] !== undefined);
  return addResources(limits, Object.fromEntries(overhead));
}

/** Init containers run one by one before the others; restartable ones (sidecars) stay beside all that follow. */
function aggregate({ spec }: Pod, side: "requests" | "limits"): ResourceList {
  let running: ResourceList = {};
  for (const container of spec?.containers ?? []) running = addResources(running, sideOf(container, side));
  let sidecars: ResourceList = {};
  let starting: ResourceList = {};
  for (const container of spec?.initContainers ?? []) {
    const own = sideOf(container, side);
    if (container.restartPolicy === "Always") {
      running = addResources(running, own);
      sidecars = addResources(sidecars, own);
      starting = maxResources(starting, sidecars);
    } else {
      starting = maxResources(starting, addResources(own, sidecars));
    }
  }
  return { ...maxResources(running, starting), ...podLevel(spec?.resources, side) };
}

function sideOf(container: Container, side: "requests" | "limits"): ResourceList {
  return container.resources?.[side] ?? {};
}

/** The resources a pod may state as a whole. */
function podLevel(resources: ResourceRequirements | undefined, side: "requests" | "limits"): ResourceList {
  const own = Object.entries(resources?.[side] ?? {});
  return Object.fromEntries(own.filter(([name]) => isPodLevelResource(name)));
}

export function isPodLevelResource(name: string): boolean {
  return name === "cpu" || name === "memory" || name.startsWith("hugepages-");
}
