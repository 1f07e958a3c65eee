// Owner references: who controls an object, and how an object says so.

import { formatApiVersion, type KubeObject, type OwnerReference, type Resource } from "#kubernetes/api";

/** The reference marked as controller, if there is one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference an object carries to its controller; a foreground deletion of the owner waits for the object. */
export function controllerReference<T extends KubeObject>(resource: Resource<T>, owner: T): OwnerReference {
  return {
    apiVersion: formatApiVersion(resource),
    kind: resource.kind,
    name: owner.metadata.name ?? "",
    uid: owner.metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** A strategic merge patch that makes `reference` the object's controller; refused where it has another, or is another object. */
export function adoptionPatch(
  object: KubeObject,
  reference: OwnerReference,
  finalizers: readonly string[] = [],
): object {
  return {
    metadata: {
      uid: object.metadata.uid,
      ownerReferences: [reference],
      ...(finalizers.length > 0 && { finalizers }),
    },
  };
}

/** A strategic merge patch that takes the references to these owners (and these finalizers) away. */
export function releasePatch(
  object: KubeObject,
  ownerUids: readonly string[],
  finalizers: readonly string[] = [],
): object {
  return {
    metadata: {
      uid: object.metadata.uid,
      ownerReferences: ownerUids.map((uid) => ({ $patch: "delete", uid })),
      ...(finalizers.length > 0 && { "$deleteFromPrimitiveList/finalizers": finalizers }),
    },
  };
}
