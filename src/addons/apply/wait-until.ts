// Waits on single objects, told by a watch: until they are ready, or until they are gone.

import { isNotFound, keyOf, type ObjectKey, type Resource, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { UserError } from "#shared";
import { nameObject } from "./addon-objects.ts";
import { canBeAwaited, whyNotReady } from "./readiness.ts";

export interface WaitOptions {
  readonly signal: AbortSignal;
  resourceOf(object: UnknownObject): Resource;
  /** Called with what is still missing, whenever that changes. */
  report?(detail: string): void;
}

/** Resolves when every object that can be awaited is ready; those that were deleted meanwhile are no longer waited for. */
export async function waitUntilReady(
  client: Client,
  objects: readonly UnknownObject[],
  { signal, resourceOf, report }: WaitOptions,
): Promise<void> {
  const missing = new Map<string, string>();
  await Promise.all(
    objects.filter(canBeAwaited).map(async (object) => {
      const name = nameObject(object);
      const at = { resource: resourceOf(object), key: keyOf(object) };
      for await (const live of follow(client, at, signal)) {
        const reason = live && whyNotReady({ ...live, kind: object.kind! });
        if (reason === undefined) break;
        missing.set(name, reason);
        report?.([...missing].map(([which, why]) => `${which}: ${why}`).join(", "));
      }
      missing.delete(name);
    }),
  );
}

interface Place {
  readonly resource: Resource;
  readonly key: ObjectKey;
}

const goneTimeoutMs = 60_000;

/** Resolves when the object is gone. Throws UserError naming the finalizers that keep it, where that takes too long. */
export async function waitUntilGone(client: Client, at: Place, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(goneTimeoutMs);
  let last: UnknownObject | undefined;
  for await (const live of follow(client, at, AbortSignal.any([signal, timeout]))) {
    if (!live) return;
    last = live;
  }
  signal.throwIfAborted();
  const { metadata } = last!;
  const spec = (last as { spec?: { finalizers?: string[] } }).spec;
  const finalizers = [...(metadata.finalizers ?? []), ...(spec?.finalizers ?? [])];
  throw new UserError(
    `Cannot remove ${nameObject({ ...last!, kind: at.resource.kind })}: it is still there after a minute`,
    {
      hints: finalizers.length > 0 ? [`It is kept by: ${finalizers.join(", ")}.`] : [],
    },
  );
}

/** The object as it is, and anew after each change; undefined while it is not there. Ends when the signal fires. */
async function* follow(
  client: Client,
  { resource, key }: Place,
  signal: AbortSignal,
): AsyncGenerator<UnknownObject | undefined, void, undefined> {
  const options = {
    fieldSelector: `metadata.name=${key.name}`,
    signal,
    ...(key.namespace !== undefined && { namespace: key.namespace }),
  };
  while (!signal.aborted) {
    try {
      const list = await client.list(resource, options);
      yield list.items[0];
      for await (const events of client.watch(resource, { ...options, resourceVersion: list.resourceVersion })) {
        for (const { type, object } of events) {
          if (type !== "BOOKMARK") yield type === "DELETED" ? undefined : object;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      // Of a kind that is gone nothing is left.
      if (!isNotFound(error)) throw error;
      yield undefined;
      return;
    }
  }
}
