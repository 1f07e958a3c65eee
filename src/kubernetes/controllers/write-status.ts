// Writes an object's status, over changes that came between.

import { isConflict, type KubeObject, keyOf, type Resource } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";

/** Tries once more on the latest version where somebody else wrote first: the status is the controller's alone. */
export async function writeStatus<T extends KubeObject & { status?: object }>(
  client: Client,
  resource: Resource<T>,
  object: T,
  { status, signal }: { readonly status: NonNullable<T["status"]>; readonly signal: AbortSignal },
): Promise<T> {
  const options = { subresource: "status", signal };
  try {
    return await client.update(resource, { ...object, status }, options);
  } catch (error) {
    if (!isConflict(error)) throw error;
    const latest = await client.get(resource, keyOf(object), { signal });
    if (latest.metadata.uid !== object.metadata.uid) throw error;
    return client.update(resource, { ...latest, status }, options);
  }
}
