// GET of one object: the stored bytes, as they are.

import { notFound } from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import type { ObjectAnswer } from "../call.ts";
import type { RegistryContext, ResourceCall } from "./context.ts";
import { parseResourceVersion, tooLargeResourceVersion } from "./options/resource-version.ts";
import { groupResourceOf, type ServedResource, showOne, storageKey } from "./resources/served-resource.ts";

export async function getObject(context: RegistryContext, { call, resource }: ResourceCall): Promise<ObjectAnswer> {
  const asked = call.request.query.size === 0 ? null : call.request.query.get("resourceVersion");
  if (asked) await checkReached(context, parseResourceVersion(asked));
  const stored = await requireObject(resource, call.info.namespace, call.info.name);
  return { kind: "object", status: 200, document: stored, resource };
}

/** The object as the resource's version shows it. Throws NotFound. */
export async function requireObject(resource: ServedResource, namespace: string, name: string): Promise<StoredObject> {
  const storage = resource.storage!;
  const stored = await storage.collection.get(storageKey(resource, namespace, name));
  if (!stored) throw notFound(groupResourceOf(resource), name);
  return storage.prepare ? showOne(storage, stored) : storage.show(stored);
}

/** Throws a Timeout error for a revision the store has not reached, having waited for what others may have written. */
export async function checkReached({ store }: RegistryContext, revision: number): Promise<void> {
  if (revision <= store.revision) return;
  const current = await store.sync();
  if (revision > current) throw tooLargeResourceVersion(revision, current);
}
