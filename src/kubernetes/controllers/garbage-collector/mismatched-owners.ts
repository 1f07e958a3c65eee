// References whose uid is known but whose other words do not fit: wrong kind, name or namespace. Pure.

import type { OwnerReference } from "#kubernetes/api";
import type { GraphNode } from "./dependency-graph.ts";
import { compareIdentities, type Identity, identityOfOwner, isSameIdentity, namesOwner } from "./identity.ts";

/** True where a dependent may mean another owner than the node its reference's uid leads to. */
export function isNamedWrongly(reference: OwnerReference, dependent: GraphNode, owner: GraphNode): boolean {
  const isSameNamespace = owner.identity.namespace === dependent.identity.namespace;
  if (owner.identity.namespace !== "" && !isSameNamespace) return true;
  if (!namesOwner(reference, owner.identity)) return true;
  // A cluster-scoped dependent named it first: it may be a namespaced kind, wrongly referred to.
  return owner.isVirtual && !isSameNamespace;
}

/** Divides dependents by whether their references to the owner's uid mean exactly this owner; some may be in both. */
export function partitionDependents(
  dependents: Iterable<GraphNode>,
  owner: Identity,
): { matching: GraphNode[]; mismatching: GraphNode[] } {
  const matching: GraphNode[] = [];
  const mismatching: GraphNode[] = [];
  for (const dependent of dependents) {
    const references = dependent.owners.filter(({ uid }) => uid === owner.uid);
    const isElsewhere = owner.namespace !== "" && owner.namespace !== dependent.identity.namespace;
    if (!isElsewhere && references.some((reference) => namesOwner(reference, owner))) matching.push(dependent);
    if (isElsewhere || references.some((reference) => !namesOwner(reference, owner))) mismatching.push(dependent);
  }
  return { matching, mismatching };
}

/** Another identity by which dependents name the uid of an owner that turned out absent: the next in order, or the first. */
export function findAlternateIdentity(dependents: readonly GraphNode[], absent: Identity): Identity | undefined {
  const alternates: Identity[] = [];
  for (const dependent of dependents) {
    for (const reference of dependent.owners) {
      if (reference.uid !== absent.uid) continue;
      const isClusterScoped =
        absent.namespace === "" && reference.apiVersion === absent.apiVersion && reference.kind === absent.kind;
      const alternate = identityOfOwner(reference, isClusterScoped ? "" : dependent.identity.namespace);
      if (!isSameIdentity(alternate, absent)) alternates.push(alternate);
    }
  }
  alternates.sort(compareIdentities);
  return alternates.find((alternate) => compareIdentities(absent, alternate) < 0) ?? alternates[0];
}
