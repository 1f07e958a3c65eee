// Who depends on whom, kept from the changes informers tell. Decides which objects need a look; looking is the collector's.
// An owner that is only known from its dependents' references is a "virtual" node until it has been seen itself.

import type { ObjectMeta, OwnerReference } from "#kubernetes/api";
import { diffReferences, isDeletingDependents, startsWaiting } from "./finalizers.ts";
import { type Identity, identityOfOwner, isSameIdentity } from "./identity.ts";
import { findAlternateIdentity, isNamedWrongly, partitionDependents } from "./mismatched-owners.ts";

export interface GraphNode {
  identity: Identity;
  owners: readonly OwnerReference[];
  readonly dependents: Set<GraphNode>;
  isBeingDeleted: boolean;
  /** It is deleted in the foreground: it stays until its blocking dependents are gone. */
  isDeletingDependents: boolean;
  isVirtual: boolean;
}

/** What the graph asks for. */
export interface GraphListener {
  /** Look whether this object should be deleted. */
  attemptToDelete(uid: string): void;
  /** Take the references to this object from its dependents, then let it go. */
  attemptToOrphan(uid: string): void;
  /** Nothing with this identity exists: references to it dangle. */
  ownerAbsent(identity: Identity): void;
  /** A reference names an owner in another namespace, which cannot be. */
  ownerInOtherNamespace(dependent: GraphNode, reference: OwnerReference): void;
}

export class DependencyGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #listener: GraphListener;

  constructor(listener: GraphListener) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** An informer saw the object, new or changed. */
  observe(identity: Identity, metadata: ObjectMeta, old?: ObjectMeta): void {
    const known = this.#nodes.get(identity.uid);
    if (!known) {
      this.#insert(identity, metadata, old);
      return;
    }
    if (known.isVirtual) this.#becomeReal(known, identity);
    this.#updateOwners(known, metadata.ownerReferences ?? []);
    if (metadata.deletionTimestamp) known.isBeingDeleted = true;
    this.#noteDeletionStart(known, metadata, old);
  }

  /** An informer saw that the object has gone. */
  remove(identity: Identity): void {
    const node = this.#nodes.get(identity.uid);
    if (!node) return;
    if (node.isVirtual) this.#becomeReal(node, identity);
    this.#removeNode(node, identity);
  }

  /** The server says that nothing with this identity exists, though no informer told of its end. */
  removeAbsent(identity: Identity): void {
    const node = this.#nodes.get(identity.uid);
    if (!node) return;
    const { matching, mismatching } = partitionDependents(node.dependents, identity);
    const isContested = node.isVirtual ? mismatching.length > 0 : !isSameIdentity(node.identity, identity);
    if (!isContested) {
      this.#removeNode(node, identity);
      return;
    }
    if (matching.length > 0) {
      this.#listener.ownerAbsent(identity);
      for (const dependent of matching) this.#listener.attemptToDelete(dependent.identity.uid);
    }
    if (!node.isVirtual || !isSameIdentity(node.identity, identity)) return;
    // Other dependents name the same uid differently: perhaps they are right.
    const alternate = findAlternateIdentity(mismatching, identity);
    if (!alternate) return;
    node.identity = alternate;
    this.#listener.attemptToDelete(alternate.uid);
  }

  #insert(identity: Identity, metadata: ObjectMeta, old: ObjectMeta | undefined): void {
    const node: GraphNode = {
      identity,
      owners: metadata.ownerReferences ?? [],
      dependents: new Set(),
      isBeingDeleted: metadata.deletionTimestamp !== undefined,
      isDeletingDependents: isDeletingDependents(metadata),
      isVirtual: false,
    };
    this.#nodes.set(identity.uid, node);
    this.#addToOwners(node, node.owners);
    this.#noteDeletionStart(node, metadata, old);
  }

  #becomeReal(node: GraphNode, identity: Identity): void {
    node.isVirtual = false;
    if (isSameIdentity(node.identity, identity)) return;
    for (const dependent of partitionDependents(node.dependents, identity).mismatching) {
      if (identity.namespace !== "" && dependent.identity.namespace !== identity.namespace) {
        this.#reportNamespace(dependent, identity.uid);
      }
      this.#listener.attemptToDelete(dependent.identity.uid);
    }
    node.identity = identity;
  }

  #updateOwners(node: GraphNode, owners: readonly OwnerReference[]): void {
    if (node.owners === owners) return;
    const { added, removed, unblocked } = diffReferences(node.owners, owners);
    for (const uid of unblocked) if (this.#nodes.has(uid)) this.#listener.attemptToDelete(uid);
    node.owners = owners;
    if (added.length > 0) this.#addToOwners(node, added);
    for (const { uid } of removed) this.#nodes.get(uid)?.dependents.delete(node);
  }

  #addToOwners(node: GraphNode, owners: readonly OwnerReference[]): void {
    let isSuspicious = false;
    for (const reference of owners) {
      const owner = this.#nodes.get(reference.uid);
      if (!owner) {
        this.#addVirtual(reference, node);
        continue;
      }
      owner.dependents.add(node);
      if (isSuspicious || !isNamedWrongly(reference, node, owner)) continue;
      isSuspicious = true;
      const { namespace } = owner.identity;
      if (!owner.isVirtual && namespace !== "" && namespace !== node.identity.namespace) {
        this.#reportNamespace(node, reference.uid);
      }
    }
    if (isSuspicious) this.#listener.attemptToDelete(node.identity.uid);
  }

  #addVirtual(reference: OwnerReference, dependent: GraphNode): void {
    this.#nodes.set(reference.uid, {
      identity: identityOfOwner(reference, dependent.identity.namespace),
      owners: [],
      dependents: new Set([dependent]),
      isBeingDeleted: false,
      isDeletingDependents: false,
      isVirtual: true,
    });
    this.#listener.attemptToDelete(reference.uid);
  }

  #removeNode(node: GraphNode, identity: Identity): void {
    this.#nodes.delete(node.identity.uid);
    for (const { uid } of node.owners) this.#nodes.get(uid)?.dependents.delete(node);
    if (node.dependents.size > 0) this.#listener.ownerAbsent(identity);
    for (const dependent of node.dependents) this.#listener.attemptToDelete(dependent.identity.uid);
    for (const { uid } of node.owners) {
      if (this.#nodes.get(uid)?.isDeletingDependents) this.#listener.attemptToDelete(uid);
    }
  }

  #noteDeletionStart(node: GraphNode, metadata: ObjectMeta, old: ObjectMeta | undefined): void {
    const waiting = startsWaiting(metadata, old);
    if (waiting === "orphan") this.#listener.attemptToOrphan(node.identity.uid);
    if (waiting !== "foreground") return;
    node.isDeletingDependents = true;
    for (const dependent of node.dependents) this.#listener.attemptToDelete(dependent.identity.uid);
    this.#listener.attemptToDelete(node.identity.uid);
  }

  #reportNamespace(dependent: GraphNode, ownerUid: string): void {
    const reference = dependent.owners.find(({ uid }) => uid === ownerUid);
    if (reference) this.#listener.ownerInOtherNamespace(dependent, reference);
  }
}

/** The dependents for which a foreground deletion of the node waits. */
export function blockingDependents(node: GraphNode): GraphNode[] {
  const isBlocking = ({ uid, blockOwnerDeletion }: OwnerReference) => uid === node.identity.uid && blockOwnerDeletion;
  return [...node.dependents].filter((dependent) => dependent.owners.some(isBlocking));
}
