// What a pod counts for in quotas: its place, its requests and limits; nothing but its place once it has ended.

import type { Container, Pod, PodAffinityTerm, ScopedResourceSelectorRequirement } from "../generated/types.ts";
import { podLimits, podRequests } from "./pod-resources.ts";
import { addResources, type ResourceList } from "./resource-list.ts";
import { matchesScopeValue } from "./scope-values.ts";

const plainNames = new Set([
  "count/pods",
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
]);
const prefixes = ["hugepages-", "requests.hugepages-"];

export function isPodResource(name: string): boolean {
  return plainNames.has(name) || prefixes.some((prefix) => name.startsWith(prefix)) || isExtendedRequest(name);
}

/** "requests.example.com/device": a resource of somebody's own. */
function isExtendedRequest(name: string): boolean {
  if (!name.startsWith("requests.")) return false;
  return (
    isExtendedResource(name.slice("requests.".length)) ||
    name.startsWith("requests.deviceclass.resource.kubernetes.io/")
  );
}

function isExtendedResource(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/");
}

export function podUsage(pod: Pod, now: number): ResourceList {
  const place: ResourceList = { "count/pods": "1" };
  return isUsing(pod, now) ? addResources(place, usageOf(podRequests(pod), podLimits(pod))) : place;
}

/** Ended pods use nothing, nor do those whose deletion is past its grace. */
function isUsing({ status, metadata }: Pod, now: number): boolean {
  if (status?.phase === "Failed" || status?.phase === "Succeeded") return false;
  if (!metadata.deletionTimestamp || metadata.deletionGracePeriodSeconds === undefined) return true;
  return now <= Date.parse(metadata.deletionTimestamp) + metadata.deletionGracePeriodSeconds * 1000;
}

function usageOf(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = { pods: "1" };
  for (const name of ["cpu", "memory", "ephemeral-storage"]) {
    const [request, limit] = [requests[name], limits[name]];
    if (request !== undefined) usage[name] = usage[`requests.${name}`] = request;
    if (limit !== undefined) usage[`limits.${name}`] = limit;
  }
  for (const [name, request] of Object.entries(requests)) {
    if (name.startsWith("hugepages-")) usage[name] = usage[`requests.${name}`] = request;
    if (isExtendedResource(name)) usage[`requests.${name}`] = request;
  }
  return usage;
}

const demanded = new Set(["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]);

/** Under a quota on cpu or memory every container must say what it wants of it. */
export function missingPodResources(names: readonly string[], { spec }: Pod): string | undefined {
  if (spec?.resources && Object.keys(spec.resources).length > 0) return undefined;
  const wanted = names.filter((name) => demanded.has(name)).sort();
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const lacking = wanted.flatMap((name) => {
    const without = [...new Set(containers.filter((each) => !says(each, name)).map((each) => each.name))].sort();
    return without.length > 0 ? [`${name} for: ${without.join(",")}`] : [];
  });
  return lacking.length > 0 ? `must specify ${lacking.join("; ")}` : undefined;
}

function says({ resources }: Container, name: string): boolean {
  return usageOf(resources?.requests ?? {}, resources?.limits ?? {})[name] !== undefined;
}

export function matchesPodScope(requirement: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  switch (requirement.scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass":
      return matchesScopeValue(requirement, pod.spec?.priorityClassName ?? "");
    case "CrossNamespacePodAffinity":
      return crossesNamespaces(pod);
    default:
      return false;
  }
}

/** Meant to end by a deadline. */
export function isTerminating({ spec }: Pod): boolean {
  return spec?.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
}

function isBestEffort({ spec }: Pod): boolean {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return [spec, ...containers].every((each) => {
    const amounts = { ...each?.resources?.requests, ...each?.resources?.limits };
    return !Object.entries(amounts).some(([name, amount]) => (name === "cpu" || name === "memory") && amount !== "0");
  });
}

function crossesNamespaces({ spec }: Pod): boolean {
  const terms: PodAffinityTerm[] = [];
  for (const affinity of [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity]) {
    terms.push(...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []));
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      terms.push(podAffinityTerm);
    }
  }
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
}
