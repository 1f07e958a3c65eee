// The volume claims of a StatefulSet's pods, and who owns them: they go with the pod, with the set, or stay. Pure.

import {
  formatApiVersion,
  type KubeObject,
  type OwnerReference,
  type PersistentVolumeClaim,
  type Pod,
  type Resource,
  resources,
  type StatefulSet,
} from "#kubernetes/api";
import { controllerReference } from "../ownership/owner-references.ts";
import { isWanted, ordinalOf } from "./ordinals.ts";

export function claimName(set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string {
  return `${template.metadata.name}-${set.metadata.name}-${ordinal}`;
}

/** The claims of the pod with this ordinal, as they are to be created. */
export function claimsFor(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => {
    const { metadata, ...rest } = structuredClone(template);
    const labels = { ...metadata.labels, ...set.spec?.selector.matchLabels };
    const namespace = set.metadata.namespace ?? "";
    return { ...rest, metadata: { ...metadata, name: claimName(set, template, ordinal), namespace, labels } };
  });
}

/** The pod may be without uid: one that is to be created. */
interface Owners {
  readonly set: StatefulSet;
  readonly pod: Pod;
}

interface RetentionPolicy {
  readonly whenDeleted: string;
  readonly whenScaled: string;
}

function policyOf({ spec }: StatefulSet): RetentionPolicy {
  const { whenDeleted = "Retain", whenScaled = "Retain" } = spec?.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenDeleted, whenScaled };
}

/**
 * The owner references a claim should have by the set's retention policy; undefined where it has them, or where somebody else
 * sees to them.
 */
export function planClaimOwners(claim: PersistentVolumeClaim, owners: Owners): OwnerReference[] | undefined {
  const { set, pod } = owners;
  const references = claim.metadata.ownerReferences ?? [];
  // Left by a set or pod of this name that is no more: the garbage collector's business.
  if (isStale(references, resources.statefulSets, set) || isStale(references, resources.pods, pod)) return undefined;
  const others = references.filter(
    (reference) => !names(reference, resources.statefulSets, set) && !names(reference, resources.pods, pod),
  );
  const wished = hasOtherController(claim, owners) ? [] : wishedOwners(owners);
  const present = references.filter((reference) => !others.includes(reference));
  const isRight =
    present.length === wished.length &&
    wished.every(({ uid }) => present.some((reference) => reference.uid === uid && reference.controller === true));
  return isRight ? undefined : [...others, ...wished];
}

/** True where something else controls the claim, so that the policy cannot be followed. */
export function hasOtherController(claim: PersistentVolumeClaim, { set, pod }: Owners): boolean {
  const { whenDeleted, whenScaled } = policyOf(set);
  if (whenDeleted === "Retain" && whenScaled === "Retain") return false;
  return (claim.metadata.ownerReferences ?? []).some((reference) => {
    if (names(reference, resources.statefulSets, set)) return reference.uid !== set.metadata.uid;
    if (names(reference, resources.pods, pod)) return reference.uid !== pod.metadata.uid;
    return reference.controller === true;
  });
}

/** A claim that goes with a former pod of that name: the new pod must wait until it is gone. */
export function isClaimStale(claim: PersistentVolumeClaim, { set, pod }: Owners): boolean {
  return policyOf(set).whenScaled !== "Retain" && isStale(claim.metadata.ownerReferences ?? [], resources.pods, pod);
}

function wishedOwners({ set, pod }: Owners): OwnerReference[] {
  const { whenDeleted, whenScaled } = policyOf(set);
  if (whenScaled === "Delete" && !isWanted(set, ordinalOf(pod))) return [controllerReference(resources.pods, pod)];
  return whenDeleted === "Delete" ? [controllerReference(resources.statefulSets, set)] : [];
}

function isStale<T extends KubeObject>(
  references: readonly OwnerReference[],
  resource: Resource<T>,
  object: T,
): boolean {
  const reference = references.find((candidate) => names(candidate, resource, object));
  return reference !== undefined && reference.uid !== object.metadata.uid;
}

/** True where the reference means an object of this kind and name, this one or a former one. */
function names<T extends KubeObject>(
  { apiVersion, kind, name }: OwnerReference,
  resource: Resource<T>,
  object: T,
): boolean {
  return apiVersion === formatApiVersion(resource) && kind === resource.kind && name === object.metadata.name;
}
