// How the garbage collector names objects: by everything an owner reference says, and the namespace.

import type { KubeObject, ObjectReference, OwnerReference, Resource } from "#kubernetes/api";
import { formatApiVersion } from "#kubernetes/api";

export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export function identityOf(resource: Resource<KubeObject>, object: KubeObject): Identity {
  const { namespace = "", name = "", uid = "" } = object.metadata;
  return { apiVersion: formatApiVersion(resource), kind: resource.kind, namespace, name, uid };
}

/** The owner a reference names, for a dependent in `namespace`. */
export function identityOfOwner({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): Identity {
  return { apiVersion, kind, namespace, name, uid };
}

export function referenceOf({ apiVersion, kind, namespace, name, uid }: Identity): ObjectReference {
  return { apiVersion, kind, ...(namespace && { namespace }), name, uid };
}

export function isSameIdentity(a: Identity, b: Identity): boolean {
  return a.namespace === b.namespace && namesOwner(a, b);
}

/** True where reference and identity agree in all but the namespace, which a reference does not say. */
export function namesOwner(reference: Omit<Identity, "namespace">, owner: Omit<Identity, "namespace">): boolean {
  return (
    reference.uid === owner.uid &&
    reference.name === owner.name &&
    reference.kind === owner.kind &&
    reference.apiVersion === owner.apiVersion
  );
}

/** One text per identity, for caches and messages; upstream's form. */
export function formatIdentity({ apiVersion, kind, namespace, name, uid }: Identity): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

/** Orders identities so that "the next one" is the same for everybody: kinds first, then where, then which. */
export function compareIdentities(a: Identity, b: Identity): number {
  const order = ["kind", "apiVersion", "namespace", "name", "uid"] as const;
  for (const part of order) if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  return 0;
}
