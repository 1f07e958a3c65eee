// The resources a container's status shows: those allocated, and those in force where the runtime tells.

import {
  type Container,
  type ContainerStatus,
  formatQuantity,
  makeQuantity,
  quantityMilliValue,
  type ResourceRequirements,
} from "#kubernetes/api";
import type { ObservedContainer } from "../runtime/observed.ts";

type Shown = Pick<ContainerStatus, "resources" | "allocatedResources">;

/** Below these the kernel rounds up: what comes back says nothing, and what is allocated is shown. */
const leastShares = 2;
const leastCpuLimitMilli = 10;

export function statusResources(
  container: Container,
  run: ObservedContainer,
  previous: ContainerStatus | undefined,
): Shown {
  const wanted = container.resources ?? {};
  const allocated = wanted.requests && { allocatedResources: { ...wanted.requests } };
  if (run.state !== "running") return { ...allocated, resources: structuredClone(wanted) };
  const keeps = previous?.state?.running && previous.containerID === run.containerID ? previous.resources : undefined;
  return { ...allocated, resources: inForce(wanted, run, keeps) };
}

function inForce(
  { requests, limits, claims }: ResourceRequirements,
  { resources = {} }: ObservedContainer,
  old: ResourceRequirements | undefined,
): ResourceRequirements {
  const { cpuRequestMilli, cpuLimitMilli, memoryRequestBytes, memoryLimitBytes } = resources;
  const actual: ResourceRequirements = { ...(claims && { claims }) };
  if (limits) {
    actual.limits = { ...limits };
    set(actual.limits, "cpu", cpuText(cpuLimitMilli, limits["cpu"], leastCpuLimitMilli), old?.limits);
    set(actual.limits, "memory", bytesText(memoryLimitBytes), old?.limits);
  }
  if (requests) {
    actual.requests = { ...requests };
    set(actual.requests, "cpu", cpuText(cpuRequestMilli, requests["cpu"], leastShares), old?.requests);
    set(actual.requests, "memory", bytesText(memoryRequestBytes), old?.requests);
  }
  return actual;
}

function bytesText(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : formatQuantity(makeQuantity(bytes, 0, "BinarySI"));
}

function cpuText(milli: number | undefined, allocated: string | undefined, least: number): string | undefined {
  if (milli === undefined) return undefined;
  const isTelling = milli > least || quantityMilliValue(allocated) > least;
  return isTelling ? formatQuantity(makeQuantity(milli, -3)) : allocated;
}

/** Only what the spec speaks of is shown; where the runtime does not tell, what was shown before stays. */
function set(
  list: Record<string, string>,
  name: string,
  value: string | undefined,
  old: Readonly<Record<string, string>> | undefined,
): void {
  if (list[name] === undefined) return;
  const shown = value ?? old?.[name];
  if (shown !== undefined) list[name] = shown;
}
