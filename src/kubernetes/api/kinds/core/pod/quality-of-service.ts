// The quality of service class of a pod, which follows from what its containers (or the pod itself) request and limit.

import type { PodSpec } from "../../../generated/types.ts";
import { compareQuantities, signOf } from "../../../quantity/quantity.ts";
import { addTo, type ResourceList, type Totals } from "../resources/quantities.ts";

export type QualityOfService = "Guaranteed" | "Burstable" | "BestEffort";

/** Guaranteed: everything limited, and requested in full. BestEffort: nothing asked for. Counts CPU and memory only. */
export function qualityOfService(spec: PodSpec): QualityOfService {
  const own = spec.resources;
  const all = own ? [own] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(resourcesOf);
  const requests = positiveTotals(all.map((resources) => resources?.requests));
  const limits = positiveTotals(all.map((resources) => resources?.limits));
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const isLimited = all.every((resources) => hasBoth(resources?.limits));
  const isGuaranteed = isLimited && requests.size === limits.size && isCovered(requests, limits);
  return isGuaranteed ? "Guaranteed" : "Burstable";
}

function resourcesOf({ resources }: { resources?: PodSpec["resources"] }): PodSpec["resources"] {
  return resources;
}

function positiveTotals(lists: readonly (ResourceList | undefined)[]): Totals {
  const totals: Totals = new Map();
  for (const list of lists) {
    const { cpu, memory } = list ?? {};
    addTo(totals, { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) });
  }
  for (const [name, total] of totals) if (signOf(total) <= 0) totals.delete(name);
  return totals;
}

function hasBoth(limits: ResourceList | undefined): boolean {
  return positiveTotals([limits]).size === 2;
}

function isCovered(requests: Totals, limits: Totals): boolean {
  for (const [name, request] of requests) {
    const limit = limits.get(name);
    if (!limit || compareQuantities(limit, request) !== 0) return false;
  }
  return true;
}
