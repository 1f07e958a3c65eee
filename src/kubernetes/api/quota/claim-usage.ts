// What a persistent volume claim counts for in quotas: itself and its storage, also by storage class.

import type { PersistentVolumeClaim, ScopedResourceSelectorRequirement } from "../generated/types.ts";
import { maxResources, type ResourceList } from "./resource-list.ts";
import { matchesScopeValue } from "./scope-values.ts";

const counted = ["persistentvolumeclaims", "requests.storage"];
const classSuffix = ".storageclass.storage.k8s.io/";

export function isClaimResource(name: string): boolean {
  return (
    name === "count/persistentvolumeclaims" ||
    counted.some((each) => name === each || name.endsWith(`${classSuffix}${each}`))
  );
}

export function claimUsage(claim: PersistentVolumeClaim): ResourceList {
  const usage: Record<string, string> = { persistentvolumeclaims: "1", "count/persistentvolumeclaims": "1" };
  const storageClass =
    claim.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? claim.spec?.storageClassName;
  if (storageClass) usage[`${storageClass}${classSuffix}persistentvolumeclaims`] = "1";
  const storage = storageOf(claim);
  if (storage === undefined) return usage;
  usage["requests.storage"] = storage;
  if (storageClass) usage[`${storageClass}${classSuffix}requests.storage`] = storage;
  return usage;
}

/** What is asked for, or what a resize has already allocated where that is more. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const asked = spec?.resources?.requests?.["storage"];
  const allocated = status?.allocatedResources?.["storage"];
  if (asked === undefined || allocated === undefined) return asked;
  return maxResources({ storage: asked }, { storage: allocated })["storage"];
}

export function matchesClaimScope(
  requirement: ScopedResourceSelectorRequirement,
  claim: PersistentVolumeClaim,
): boolean {
  if (requirement.scopeName !== "VolumeAttributesClass") return false;
  const { spec, status } = claim;
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined && name !== "") as string[];
  return (names.length > 0 ? names : [""]).some((name) => matchesScopeValue(requirement, name));
}
