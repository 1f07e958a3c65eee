// Deletes all objects of a definition that is being deleted, by the usual way, and waits until the last of them is gone.

import type { Collection } from "#kubernetes/store";
import { apiServerUser } from "../authentication/users.ts";
import { makeCall } from "../make-call.ts";
import type { RegistryContext } from "../registry/context.ts";
import { deleteCollection } from "../registry/delete-collection.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";

/** Resolves when nothing is left, or rejects when the signal aborts. */
export async function removeInstances(
  context: RegistryContext,
  resource: ServedResource,
  signal: AbortSignal,
): Promise<void> {
  const { collection } = resource.storage!;
  const { items } = await collection.list();
  const namespaces = new Set(items.map(({ key }) => (resource.info.namespaced ? key.slice(0, key.indexOf("/")) : "")));
  for (const namespace of namespaces) await removeIn(context, resource, namespace, signal);
  await untilEmpty(collection, signal);
}

async function removeIn(
  context: RegistryContext,
  resource: ServedResource,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const { group, version, resource: plural } = resource.info;
  const within = namespace === "" ? "" : `namespaces/${namespace}/`;
  const request = {
    method: "DELETE" as const,
    path: `/apis/${group}/${version}/${within}${plural}`,
    query: new URLSearchParams(),
    headers: {},
    signal,
  };
  const call = makeCall(request, undefined);
  call.user = apiServerUser;
  await deleteCollection(context, { call, resource, subresource: "" });
}

async function untilEmpty(collection: Collection, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { items, revision } = await collection.list({ limit: 1 });
    if (items.length === 0) return;
    await nextDelete(collection, revision, signal);
  }
}

function nextDelete(collection: Collection, after: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      watch?.stop();
      signal.removeEventListener("abort", onAbort);
      finish();
    };
    const onAbort = () => settle(() => reject(new Error("the server is shutting down")));
    const watch = collection.watch(
      after,
      (events) => {
        if (events.some(({ type }) => type === "delete")) queueMicrotask(() => settle(resolve));
      },
      () => settle(resolve),
    );
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}
