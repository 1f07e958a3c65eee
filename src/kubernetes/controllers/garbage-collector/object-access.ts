// Reads, patches and deletes objects of any kind for the garbage collector.

import {
  isConflict,
  isNotFound,
  isStatusError,
  type ObjectKey,
  type ObjectMeta,
  type OwnerReference,
  type Resource,
  type UnknownObject,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { releasePatch } from "../ownership/owner-references.ts";
import type { foregroundFinalizer, orphanFinalizer } from "./finalizers.ts";
import type { Identity } from "./identity.ts";

/** The server does not serve such a kind, or does not yet. */
export class UnknownKindError extends Error {
  override readonly name = "UnknownKindError";
}

/** A cluster-scoped object cannot have an owner in a namespace: no try will find one. */
export class NamespacedOwnerError extends Error {
  override readonly name = "NamespacedOwnerError";
}

export type ResourceOfKind = (apiVersion: string, kind: string) => Resource | undefined;

export class ObjectAccess {
  readonly #client: Client;
  readonly #resourceOfKind: ResourceOfKind;
  readonly #signal: AbortSignal;

  constructor(client: Client, resourceOfKind: ResourceOfKind, signal: AbortSignal) {
    this.#client = client;
    this.#resourceOfKind = resourceOfKind;
    this.#signal = signal;
  }

  resourceOf({ apiVersion, kind }: Pick<Identity, "apiVersion" | "kind">): Resource {
    const resource = this.#resourceOfKind(apiVersion, kind);
    if (!resource) throw new UnknownKindError(`unable to get REST mapping for ${apiVersion}/${kind}.`);
    return resource;
  }

  /** The latest from the server; undefined where nothing of that name exists, or it is another object. */
  async get(identity: Identity): Promise<UnknownObject | undefined> {
    const [resource, key] = this.#address(identity);
    try {
      const object = await this.#client.get(resource, key, { signal: this.#signal });
      return object.metadata.uid === identity.uid ? object : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Deletes the object as `metadata` shows it. Answers false where it has gone already. */
  async delete(
    identity: Identity,
    metadata: ObjectMeta,
    propagationPolicy: "Foreground" | "Background" | "Orphan",
  ): Promise<boolean> {
    const { uid } = identity;
    const { resourceVersion } = metadata;
    try {
      await this.#delete(identity, propagationPolicy, { uid, ...(resourceVersion && { resourceVersion }) });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      if (!isConflict(error)) throw error;
      // Changes that do not touch the owners must not keep garbage alive.
      const latest = await this.get(identity);
      if (!latest) return false;
      if (!isDeepEqual(latest.metadata.ownerReferences, metadata.ownerReferences)) throw error;
      await this.#delete(identity, propagationPolicy, { uid });
      return true;
    }
  }

  /** Takes references away. Answers false where the object has gone. */
  async removeReferences(identity: Identity, ownerUids: readonly string[]): Promise<boolean> {
    const strategic = releasePatch({ metadata: { uid: identity.uid } }, ownerUids);
    return this.#patchReferences(identity, strategic, (references) =>
      references.filter(({ uid }) => !ownerUids.includes(uid)),
    );
  }

  /** Makes the references stop blocking their owners' deletion. */
  async unblockReferences(identity: Identity, owners: readonly OwnerReference[]): Promise<void> {
    const unblock = (reference: OwnerReference) => ({ ...reference, blockOwnerDeletion: false });
    const blocking = owners.filter(({ blockOwnerDeletion }) => blockOwnerDeletion).map(unblock);
    const strategic = { metadata: { uid: identity.uid, ownerReferences: blocking } };
    await this.#patchReferences(identity, strategic, (references) => references.map(unblock));
  }

  /** Takes the finalizer away, unless somebody else has, or the object has gone. */
  async removeFinalizer(identity: Identity, finalizer: typeof foregroundFinalizer | typeof orphanFinalizer) {
    for (;;) {
      const object = await this.get(identity);
      const { finalizers = [], resourceVersion } = object?.metadata ?? {};
      if (!finalizers.includes(finalizer)) return;
      const left = finalizers.filter((name) => name !== finalizer);
      try {
        await this.#patch(identity, "merge", { metadata: { resourceVersion, finalizers: left } });
        return;
      } catch (error) {
        if (isNotFound(error)) return;
        if (!isConflict(error)) throw error;
      }
    }
  }

  /** Custom resources know no strategic patches: for those the whole list is written, as of a version. */
  async #patchReferences(
    identity: Identity,
    strategic: object,
    change: (references: readonly OwnerReference[]) => readonly OwnerReference[],
  ): Promise<boolean> {
    try {
      await this.#patch(identity, "strategic", strategic);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      if (!isStatusError(error) || error.reason !== "UnsupportedMediaType") throw error;
    }
    const object = await this.get(identity);
    if (!object) return false;
    const { resourceVersion, ownerReferences = [] } = object.metadata;
    await this.#patch(identity, "merge", { metadata: { resourceVersion, ownerReferences: change(ownerReferences) } });
    return true;
  }

  #address(identity: Identity): readonly [Resource, ObjectKey] {
    const resource = this.resourceOf(identity);
    const { namespace, name } = identity;
    if (!resource.namespaced) return [resource, { name }];
    if (namespace === "") throw new NamespacedOwnerError("cluster-scoped objects cannot refer to namespaced owners");
    return [resource, { namespace, name }];
  }

  async #patch(identity: Identity, type: "strategic" | "merge", body: object): Promise<void> {
    const [resource, key] = this.#address(identity);
    await this.#client.patch(resource, key, { type, body }, { signal: this.#signal });
  }

  async #delete(
    identity: Identity,
    propagationPolicy: "Foreground" | "Background" | "Orphan",
    preconditions: { uid: string; resourceVersion?: string },
  ): Promise<void> {
    const [resource, key] = this.#address(identity);
    await this.#client.delete(resource, key, { propagationPolicy, preconditions, signal: this.#signal });
  }
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? []) === JSON.stringify(b ?? []);
}
