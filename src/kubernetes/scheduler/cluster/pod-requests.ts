// What a pod as a whole asks of a node, in numbers, by the rules of component-helpers' PodRequests: init containers one by one,
// sidecars beside all that follow, what the pod states of itself instead of its containers', overhead on top.

import type { Container, ContainerStatus, Pod, ResourceRequirements } from "#kubernetes/api";
import { isPodLevelResource } from "#kubernetes/api";
import { type Amounts, amountOf } from "./resource.ts";

export interface PodRequestsOptions {
  /** A container that is being resized counts with the most of what it asks for, was promised and has. Default false. */
  readonly useStatus?: boolean;
  /** What containers that say nothing of a resource are taken to ask. */
  readonly defaults?: Amounts;
  /** Passes over what the pod states of itself. Default false. */
  readonly skipPodLevel?: boolean;
}

/** What a container that asks for nothing is counted with where nodes are compared: 0.1 cpu, 200 MiB. */
export const defaultRequests: Amounts = new Map([
  ["cpu", 100],
  ["memory", 200 * 1024 * 1024],
]);

export function podRequests(pod: Pod, options: PodRequestsOptions = {}): Amounts {
  const total = requestsOfContainers(pod, options);
  if (!options.skipPodLevel) replaceByPodLevel(total, pod, options.useStatus ?? false);
  addList(total, pod.spec?.overhead);
  return total;
}

/** Whether the pod states requests of itself that count. */
export function hasPodLevelRequests(pod: Pod): boolean {
  const requests = pod.spec?.resources?.requests;
  return requests !== undefined && Object.keys(requests).some(isPodLevelResource);
}

type RequestsOf = (container: Container, isInit: boolean) => Amounts;

function requestsOfContainers(pod: Pod, options: PodRequestsOptions): Amounts {
  const requestsOf = makeRequestsOf(pod, options);
  const running: Amounts = new Map();
  for (const container of pod.spec?.containers ?? []) addTo(running, requestsOf(container, false));
  const initContainers = pod.spec?.initContainers;
  if (!initContainers?.length) return running;
  const sidecars: Amounts = new Map();
  const starting: Amounts = new Map();
  for (const container of initContainers) {
    const own = requestsOf(container, true);
    if (container.restartPolicy === "Always") {
      addTo(running, own);
      addTo(sidecars, own);
      raiseTo(starting, sidecars);
    } else {
      const during = new Map(own);
      addTo(during, sidecars);
      raiseTo(starting, during);
    }
  }
  raiseTo(running, starting);
  return running;
}

function makeRequestsOf(pod: Pod, { useStatus = false, defaults }: PodRequestsOptions): RequestsOf {
  const statuses = useStatus ? statusesWithResources(pod) : undefined;
  const isInfeasible = statuses !== undefined && isResizeInfeasible(pod);
  return (container, isInit) => {
    const isResizable = !isInit || container.restartPolicy === "Always";
    const status = isResizable ? statuses?.get(container.name) : undefined;
    const own = status
      ? effectiveRequests(container.resources, status.resources, status.allocatedResources, isInfeasible)
      : amountsOf(container.resources?.requests);
    if (defaults) for (const [name, amount] of defaults) if (!own.has(name)) own.set(name, amount);
    return own;
  };
}

/** undefined where no container says what it has: the usual case. */
function statusesWithResources({ status }: Pod): Map<string, ContainerStatus> | undefined {
  let found: Map<string, ContainerStatus> | undefined;
  for (const list of [status?.containerStatuses, status?.initContainerStatuses]) {
    for (const one of list ?? []) {
      if (!one.resources) continue;
      found ??= new Map();
      found.set(one.name, one);
    }
  }
  return found;
}

function effectiveRequests(
  wanted: ResourceRequirements | undefined,
  actuated: ResourceRequirements | undefined,
  allocated: Readonly<Record<string, string>> | undefined,
  isInfeasible: boolean,
): Amounts {
  const most = amountsOf(actuated?.requests);
  raiseTo(most, amountsOf(allocated));
  if (!isInfeasible) raiseTo(most, amountsOf(wanted?.requests));
  return most;
}

/** A resize the node can never grant does not count. */
function isResizeInfeasible({ status }: Pod): boolean {
  return status?.conditions?.find(({ type }) => type === "PodResizePending")?.reason === "Infeasible";
}

function replaceByPodLevel(total: Amounts, pod: Pod, useStatus: boolean): void {
  const requests = pod.spec?.resources?.requests;
  if (!requests) return;
  const status = useStatus ? pod.status : undefined;
  const effective =
    status?.resources &&
    effectiveRequests(pod.spec?.resources, status.resources, status.allocatedResources, isResizeInfeasible(pod));
  for (const name in requests) {
    if (!isPodLevelResource(name)) continue;
    total.set(name, effective ? (effective.get(name) ?? 0) : amountOf(name, requests[name]!));
  }
}

function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  const amounts: Amounts = new Map();
  if (list) for (const name in list) amounts.set(name, amountOf(name, list[name]!));
  return amounts;
}

function addList(total: Amounts, list: Readonly<Record<string, string>> | undefined): void {
  if (list) for (const name in list) total.set(name, (total.get(name) ?? 0) + amountOf(name, list[name]!));
}

function addTo(total: Amounts, more: Amounts): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount);
}

function raiseTo(total: Amounts, other: Amounts): void {
  for (const [name, amount] of other) {
    const present = total.get(name);
    if (present === undefined || amount > present) total.set(name, amount);
  }
}
