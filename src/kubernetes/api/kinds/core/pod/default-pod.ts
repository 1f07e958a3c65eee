// Defaults that a Pod has and a template has not: requests from limits, service links, host ports, addresses known twice.

import type { Container, PodSpec, PodStatus } from "../../../generated/types.ts";
import { formatQuantity } from "../../../quantity/format.ts";
import { dropInitContainerAnnotations, setPodSpecDefaults } from "../pod-spec/default-pod-spec.ts";
import { totalOfContainers } from "../resources/pod-totals.ts";
import { roundUpAmounts } from "../resources/quantities.ts";
import { isHugePages, isOvercommitAllowed, isPodLevelResource } from "../resources/resource-names.ts";
import type { DecodedPod } from "./decoded-pod.ts";

export function setPodDefaults({ metadata, spec, status }: DecodedPod): void {
  dropInitContainerAnnotations(metadata);
  for (const container of spec.containers ?? []) requestLimits(container);
  for (const container of spec.initContainers ?? []) requestLimits(container);
  setPodLevelResources(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    for (const container of spec.containers ?? []) setHostPorts(container);
    for (const container of spec.initContainers ?? []) setHostPorts(container);
  }
  setPodSpecDefaults(spec);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  setStatusDefaults(status);
}

/** What is limited and not requested is requested up to its limit. */
function requestLimits({ resources }: Container): void {
  const limits = resources?.limits;
  if (!limits) return;
  const requests = resources.requests ?? {};
  for (const name in limits) requests[name] ??= limits[name] as string;
  resources.requests = requests;
}

function setHostPorts({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort;
}

/** A pod with resources of its own has those of its containers as far as it does not say otherwise. */
function setPodLevelResources(spec: PodSpec): void {
  if (!spec.resources) return;
  setHugePagesLimits(spec);
  const { limits } = spec.resources;
  if (!limits) return;
  const requests = { ...spec.resources.requests };
  for (const [name, amount] of totalOfContainers(spec, "requests")) {
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= formatQuantity(amount);
  }
  for (const name in limits) {
    if (isPodLevelResource(name)) requests[name] ??= limits[name] as string;
  }
  if (Object.keys(requests).length > 0) spec.resources.requests = requests;
}

function setHugePagesLimits(spec: PodSpec): void {
  const { limits, requests } = spec.resources ?? {};
  if (!spec.resources || (!limits && !requests)) return;
  const ownLimits = { ...limits };
  for (const [name, amount] of totalOfContainers(spec, "limits")) {
    if (isHugePages(name) && !(requests && name in requests)) ownLimits[name] ??= formatQuantity(amount);
  }
  if (Object.keys(ownLimits).length > 0) spec.resources.limits = ownLimits;
}

function setStatusDefaults(status: PodStatus): void {
  syncPodIPs(status);
  const statuses = [status.initContainerStatuses, status.containerStatuses, status.ephemeralContainerStatuses];
  for (const { allocatedResources, resources } of statuses.flatMap((list) => list ?? [])) {
    roundUpAmounts(allocatedResources);
    roundUpAmounts(resources?.limits);
    roundUpAmounts(resources?.requests);
  }
  roundUpAmounts(status.allocatedResources);
  roundUpAmounts(status.resources?.limits);
  roundUpAmounts(status.resources?.requests);
}

/** podIP is the first of podIPs; where they differ, podIP is right. */
function syncPodIPs(status: PodStatus): void {
  const { podIP, podIPs = [] } = status;
  if (podIP && podIPs[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }];
  else if (podIPs[0]?.ip) status.podIP = podIPs[0].ip;
}
