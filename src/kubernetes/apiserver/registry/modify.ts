// Changes a stored object directly, past admission and validation: for what the server itself does to an object on behalf of a
// request about something else (binding a pod, counting a disruption).

import { type KubeObject, notFound } from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import { groupResourceOf, type ServedResource, storageKey } from "./resources/served-resource.ts";

/**
 * Writes what `change` makes of the object, again and again until no other write comes between; the very same object means
 * that nothing is to be written. Throws NotFound, and whatever `change` throws.
 */
export async function modifyObject<T extends KubeObject>(
  resource: ServedResource,
  key: { readonly namespace: string; readonly name: string },
  change: (object: T) => T,
  { dryRun = false } = {},
): Promise<Pick<StoredObject, "object">> {
  const { collection } = resource.storage!;
  let stored = await collection.get(storageKey(resource, key.namespace, key.name));
  for (;;) {
    if (!stored) throw notFound(groupResourceOf(resource), key.name);
    const changed = change(stored.object as T);
    if (changed === stored.object) return stored;
    if (dryRun) return { object: changed };
    // The store marks the new state with its version: the old one's metadata must not be the place.
    const object =
      changed.metadata === stored.object.metadata ? { ...changed, metadata: { ...changed.metadata } } : changed;
    const result = await collection.put(stored.key, object, stored.revision);
    if (result.written) return result.stored;
    stored = result.current;
  }
}
