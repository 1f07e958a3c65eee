// Looks at single objects: deletes those whose owners are all gone, and frees the dependents of those that are orphaned.

import { isNotFound, type OwnerReference } from "#kubernetes/api";
import { LruMap } from "#kubernetes/runtime";
import { blockingDependents, type DependencyGraph, type GraphNode } from "./dependency-graph.ts";
import { foregroundFinalizer, isDeletingDependents, orphanFinalizer } from "./finalizers.ts";
import { formatIdentity, type Identity, identityOfOwner } from "./identity.ts";
import { NamespacedOwnerError, type ObjectAccess } from "./object-access.ts";
import { type OwnerStates, planGarbage } from "./plan.ts";

/** Identities found absent, so that ten thousand dependents do not each ask the server for the same owner. */
export class AbsentOwners {
  readonly #absent = new LruMap<true>(500);

  add(identity: Identity): void {
    this.#absent.set(formatIdentity(identity), true);
  }

  has(identity: Identity): boolean {
    return this.#absent.get(formatIdentity(identity)) === true;
  }
}

export interface CollectorParts {
  readonly graph: DependencyGraph;
  readonly access: ObjectAccess;
  readonly absent: AbsentOwners;
  /** Queues another object for a look. */
  readonly attemptToDelete: (uid: string) => void;
}

/** "unseen": the object exists, but no informer has told of it yet: look again later. */
export type Look = "finished" | "unseen";

/** Looks whether an object should go, and deletes it if so. */
export async function attemptToDelete(uid: string, parts: CollectorParts): Promise<Look> {
  const node = parts.graph.get(uid);
  if (!node || (node.isBeingDeleted && !node.isDeletingDependents)) return "finished";
  const { identity } = node;
  try {
    const object = await parts.access.get(identity);
    if (!object) parts.graph.removeAbsent(identity);
    else if (node.isDeletingDependents) await continueForegroundDeletion(node, parts);
    else await applyGarbagePlan(node, object.metadata, parts);
    if (!object) return "finished";
  } catch (error) {
    if (error instanceof NamespacedOwnerError) return "finished";
    throw error;
  }
  return parts.graph.get(uid)?.isVirtual ? "unseen" : "finished";
}

async function continueForegroundDeletion(node: GraphNode, { access, attemptToDelete }: CollectorParts): Promise<void> {
  const blocking = blockingDependents(node);
  if (blocking.length === 0) await access.removeFinalizer(node.identity, foregroundFinalizer);
  for (const dependent of blocking) if (!dependent.isDeletingDependents) attemptToDelete(dependent.identity.uid);
}

async function applyGarbagePlan(
  node: GraphNode,
  metadata: Parameters<typeof planGarbage>[0],
  parts: CollectorParts,
): Promise<void> {
  const { identity } = node;
  const references = metadata.ownerReferences ?? [];
  if (references.length === 0) return;
  const plan = planGarbage(metadata, await findOwnerStates(references, identity, parts), {
    hasAny: node.dependents.size > 0,
    someDeletingDependents: node.dependents.values().some((dependent) => dependent.isDeletingDependents),
  });
  if (plan.action === "keep") return;
  if (plan.action === "removeReferences") {
    await parts.access.removeReferences(identity, plan.ownerUids);
    return;
  }
  let latest = metadata;
  if (plan.unblockFirst) {
    await parts.access.unblockReferences(identity, references);
    latest = (await parts.access.get(identity))?.metadata ?? metadata;
  }
  const isDeleted = await parts.access.delete(identity, latest, plan.policy);
  if (!isDeleted) parts.graph.removeAbsent(identity);
}

async function findOwnerStates(
  references: readonly OwnerReference[],
  dependent: Identity,
  parts: CollectorParts,
): Promise<OwnerStates> {
  const states = { solid: [], dangling: [], waiting: [] } as Record<keyof OwnerStates, OwnerReference[]>;
  for (const reference of references) {
    const state = await findOwnerState(identityOfOwner(reference, dependent.namespace), parts);
    states[state].push(reference);
  }
  return states;
}

async function findOwnerState(owner: Identity, { access, absent }: CollectorParts): Promise<keyof OwnerStates> {
  const clusterScoped = { ...owner, namespace: "" };
  if (absent.has(clusterScoped) || absent.has(owner)) return "dangling";
  const object = await access.get(owner);
  if (object) return isDeletingDependents(object.metadata) ? "waiting" : "solid";
  absent.add(access.resourceOf(owner).namespaced ? owner : clusterScoped);
  return "dangling";
}

/** Takes the references to an owner from its dependents, then its "orphan" finalizer. */
export async function attemptToOrphan(uid: string, { graph, access }: CollectorParts): Promise<void> {
  const owner = graph.get(uid);
  if (!owner) return;
  const results = await Promise.allSettled(
    [...owner.dependents].map((dependent) => access.removeReferences(dependent.identity, [uid])),
  );
  const failures = results.filter((result) => result.status === "rejected").map(({ reason }) => reason);
  const failure = failures.find((reason) => !isNotFound(reason));
  if (failure) {
    throw new Error(`failed to orphan dependents of owner ${formatIdentity(owner.identity)}: ${failure}`, {
      cause: failure,
    });
  }
  await access.removeFinalizer(owner.identity, orphanFinalizer);
}
