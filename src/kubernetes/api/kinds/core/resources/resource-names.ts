// The names of resources that can be asked for, limited or counted, and what kind of resource each one is.

import { checkQualifiedName } from "../../../names.ts";

const objectCounts = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];
const computeResources = ["cpu", "memory", "ephemeral-storage"];
const quotaResources = [
  ...computeResources,
  ...computeResources.map((name) => `requests.${name}`),
  ...computeResources.map((name) => `limits.${name}`),
  "requests.storage",
  ...objectCounts,
];

const standardContainerResources = new Set(computeResources);
const standardQuotaResources = new Set(quotaResources);
const standardResources = new Set([...quotaResources, "storage"]);
const integerResources = new Set(objectCounts);

export const hugePagesPrefix = "hugepages-";

/** "hugepages-2Mi". */
export function isHugePages(name: string): boolean {
  return name.startsWith(hugePagesPrefix);
}

function isHugePagesOfQuota(name: string): boolean {
  return isHugePages(name) || name.startsWith("requests.hugepages-");
}

/** One of Kubernetes' own: without a domain, or in kubernetes.io. */
export function isNativeResource(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** Another's, such as a device's: "example.com/gpu". */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith("requests.")) return false;
  return checkQualifiedName(`requests.${name}`).length === 0;
}

/** More may be limited than is requested; false where request and limit must be the same. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

/** Comes in whole numbers only. */
export function isIntegerResource(name: string): boolean {
  return integerResources.has(name) || isExtendedResource(name);
}

export function isStandardResource(name: string): boolean {
  return standardResources.has(name) || isHugePagesOfQuota(name);
}

export function isStandardContainerResource(name: string): boolean {
  return standardContainerResources.has(name) || isHugePages(name);
}

export function isStandardQuotaResource(name: string): boolean {
  return standardQuotaResources.has(name) || isHugePagesOfQuota(name);
}

/** Can be requested and limited for a pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === "cpu" || name === "memory" || isHugePages(name);
}
