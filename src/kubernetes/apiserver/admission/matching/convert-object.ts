// Objects between the versions a resource is served in: by way of the stored form, as reads and writes convert them.

import { encodeJson, type KubeObject } from "#kubernetes/api";
import { type ServedResource, showOne } from "../../registry/resources/served-resource.ts";

/** A copy of the object, which is of version `from`, in version `to`. */
export async function convertObject(object: KubeObject, from: ServedResource, to: ServedResource): Promise<KubeObject> {
  if (from === to) return object;
  const stored = await from.storage!.toStored(structuredClone(object));
  const state = { key: "", revision: 0, object: stored, bytes: Buffer.from(encodeJson(stored)) };
  return (await showOne(to.storage!, state)).object;
}
