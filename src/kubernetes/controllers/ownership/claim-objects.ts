// Reconciles who owns what: adopts orphans that the selector matches, releases owned objects that it does not.

import { isNotFound, isStatusError, type KubeObject, keyOf, type OwnerReference, type Resource } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { adoptionPatch, controllerOf, releasePatch } from "./owner-references.ts";

export interface ClaimOptions<O extends KubeObject, T extends KubeObject> {
  readonly client: Client;
  readonly owner: O;
  readonly ownerResource: Resource<O>;
  /** What adopted objects will carry. */
  readonly reference: OwnerReference;
  readonly resource: Resource<T>;
  readonly matches: (object: T) => boolean;
  /** Set on adopted objects, taken from released ones. */
  readonly finalizers?: readonly string[];
  readonly signal: AbortSignal;
}

export interface Claim<T extends KubeObject> {
  /** The objects that are the owner's now, adopted ones as they were before. */
  readonly objects: readonly T[];
  /** The newest version written; undefined where nothing was. */
  readonly written: string | undefined;
}

/** The fate of one candidate. Pure. */
export function decideClaim(
  owner: KubeObject,
  object: KubeObject,
  matches: boolean,
): "owned" | "adopt" | "release" | "ignore" {
  const isOwnerLeaving = owner.metadata.deletionTimestamp !== undefined;
  const controller = controllerOf(object);
  if (controller) {
    if (controller.uid !== owner.metadata.uid) return "ignore";
    if (matches) return "owned";
    return isOwnerLeaving ? "ignore" : "release";
  }
  if (isOwnerLeaving || !matches || object.metadata.deletionTimestamp !== undefined) return "ignore";
  return owner.metadata.namespace === object.metadata.namespace ? "adopt" : "ignore";
}

/** Claims what belongs to the owner among the candidates. Goes through all of them, then throws the first failure. */
export async function claimObjects<O extends KubeObject, T extends KubeObject>(
  candidates: readonly T[],
  options: ClaimOptions<O, T>,
): Promise<Claim<T>> {
  const { owner, matches } = options;
  const claimed: T[] = [];
  const failures: unknown[] = [];
  let written: string | undefined;
  let checked: Promise<void> | undefined;
  for (const object of candidates) {
    const fate = decideClaim(owner, object, matches(object));
    if (fate === "owned") claimed.push(object);
    if (fate === "owned" || fate === "ignore") continue;
    try {
      if (fate === "adopt") {
        checked ??= checkOwnerStays(options);
        await checked;
      }
      const result = await patch(object, fate, options);
      written = result?.metadata.resourceVersion ?? written;
      if (fate === "adopt" && result) claimed.push(object);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { objects: claimed, written };
}

/** Our copy may be old: an owner that is being deleted, or is another by now, must not adopt. */
async function checkOwnerStays<O extends KubeObject, T extends KubeObject>(options: ClaimOptions<O, T>): Promise<void> {
  const { client, owner, ownerResource, signal } = options;
  const fresh = await client.get(ownerResource, keyOf(owner), { signal });
  const { namespace, name, uid, deletionTimestamp } = fresh.metadata;
  if (uid !== owner.metadata.uid) {
    throw new Error(
      `original ${ownerResource.kind} ${namespace}/${name} is gone: got uid ${uid}, wanted ${owner.metadata.uid}`,
    );
  }
  if (deletionTimestamp) throw new Error(`${namespace}/${name} has just been deleted at ${deletionTimestamp}`);
}

/** Answers undefined where the object is gone, or was released by somebody else. */
async function patch<O extends KubeObject, T extends KubeObject>(
  object: T,
  fate: "adopt" | "release",
  { client, owner, reference, resource, finalizers, signal }: ClaimOptions<O, T>,
): Promise<T | undefined> {
  const body =
    fate === "adopt"
      ? adoptionPatch(object, reference, finalizers)
      : releasePatch(object, [owner.metadata.uid ?? ""], finalizers);
  try {
    return await client.patch(resource, keyOf(object), { type: "strategic", body }, { signal });
  } catch (error) {
    // Invalid: it has no such reference any more, or is another object of that name.
    const isReleased = fate === "release" && isStatusError(error) && error.reason === "Invalid";
    if (isNotFound(error) || isReleased) return undefined;
    throw error;
  }
}
