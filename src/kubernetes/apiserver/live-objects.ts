// Reads what the server itself needs to know (does the namespace exist? which limits hold there?) straight from the store: always
// current, and no copies kept.

import type { KubeObject, ObjectKey, Resource } from "#kubernetes/api";
import { formatKey } from "#kubernetes/api";
import type { Collection, Store } from "#kubernetes/store";
import { storagePrefix } from "./registry/resources/storage-prefix.ts";

/** Objects answered are shared: never change one. */
export interface LiveObjects {
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): Promise<T | undefined>;
  /** All objects, or those of one namespace, in key order. */
  list<T extends KubeObject>(resource: Resource<T>, namespace?: string): Promise<readonly T[]>;
  collection(resource: { readonly group: string; readonly resource: string }): Collection;
}

export function createLiveObjects(store: Store): LiveObjects {
  const collection = (resource: { readonly group: string; readonly resource: string }) =>
    store.collection(storagePrefix(resource.group, resource.resource));
  return {
    collection,
    async get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey) {
      const stored = await collection(resource).get(formatKey(key));
      return stored?.object as T | undefined;
    },
    async list<T extends KubeObject>(resource: Resource<T>, namespace?: string) {
      const options = namespace === undefined ? {} : { keyPrefix: `${namespace}/` };
      const { items } = await collection(resource).list(options);
      return items.map((item) => item.object as T);
    },
  };
}
