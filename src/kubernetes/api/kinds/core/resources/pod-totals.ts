// What the containers of a pod ask for together: regular and sidecar containers at once, other init containers one by one.

import type { Container, PodSpec, ResourceRequirements } from "../../../generated/types.ts";
import { addTo, type ResourceList, raiseTo, type Totals } from "./quantities.ts";

type ContainerList = Pick<PodSpec, "containers" | "initContainers">;

/** Requests (or limits) of all containers as the scheduler counts them, without the pod's own and its overhead. */
export function totalOfContainers(spec: ContainerList, of: "requests" | "limits"): Totals {
  const totals: Totals = new Map();
  for (const container of spec.containers ?? []) addTo(totals, amountsOf(container.resources, of));
  const sidecars: Totals = new Map();
  const most: Totals = new Map();
  for (const container of spec.initContainers ?? []) {
    const amounts = amountsOf(container.resources, of);
    if (isSidecar(container)) {
      addTo(totals, amounts);
      addTo(sidecars, amounts);
      raiseTo(most, sidecars);
    } else {
      const during = new Map(sidecars);
      addTo(during, amounts);
      raiseTo(most, during);
    }
  }
  raiseTo(totals, most);
  return totals;
}

function amountsOf(resources: ResourceRequirements | undefined, of: "requests" | "limits"): ResourceList | undefined {
  return resources?.[of];
}

/** An init container that goes on running: restartPolicy Always. */
export function isSidecar(container: Pick<Container, "restartPolicy">): boolean {
  return container.restartPolicy === "Always";
}
