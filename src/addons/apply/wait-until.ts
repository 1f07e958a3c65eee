// Waits on single objects, told by a watch: until they are ready, or until they are gone.

import { isNotFound, keyOf, type ObjectKey, type Resource, type UnknownObject } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { exitCodes, UserError } from "#shared";
import { nameObject } from "./addon-objects.ts";
import { canBeAwaited, whyNotReady } from "./readiness.ts";

export interface WaitOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** What is waited for, as the error calls it: "Add-on dns is". */
  readonly title: string;
  /** What a person can do about it. */
  readonly hints?: readonly string[];
  resourceOf(object: UnknownObject): Resource;
  /** Called with what is still missing, whenever that changes. */
  report?(detail: string): void;
}

/**
 * Resolves when every object that can be awaited is ready; those that were deleted meanwhile are no longer waited for. Throws UserError
 * naming those that are not, where that takes longer.
 */
export async function waitUntilReady(
  client: Client,
  objects: readonly UnknownObject[],
  options: WaitOptions,
): Promise<void> {
  const { signal, timeoutMs, title, hints = [] } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const missing = await followAll(client, objects, { ...options, signal: AbortSignal.any([signal, timeout]) });
  signal.throwIfAborted();
  if (missing === "") return;
  throw new UserError(`${title} not ready after ${timeoutMs / 1000} s: ${missing}`, {
    hints,
    exitCode: exitCodes.addons,
  });
}

/** Resolves when all are ready, or when the signal fires: then with what was missing last. */
async function followAll(
  client: Client,
  objects: readonly UnknownObject[],
  { signal, resourceOf, report }: WaitOptions,
): Promise<string> {
  const missing = new Map<string, string>();
  const describe = () => [...missing].map(([which, why]) => `${which}: ${why}`).join(", ");
  await Promise.all(
    objects.filter(canBeAwaited).map(async (object) => {
      const name = nameObject(object);
      const at = { resource: resourceOf(object), key: keyOf(object) };
      missing.set(name, noAnswer);
      for await (const live of follow(client, at, signal)) {
        const reason = live && whyNotReady({ ...live, kind: object.kind! });
        if (reason === undefined) {
          missing.delete(name);
          return;
        }
        missing.set(name, reason);
        report?.(describe());
      }
    }),
  );
  return describe();
}

const noAnswer = "the API server has not answered";

interface Place {
  readonly resource: Resource;
  readonly key: ObjectKey;
}

const goneTimeoutMs = 60_000;

/** Resolves when the object is gone. Throws UserError naming the finalizers that keep it, where that takes longer than a minute. */
export async function waitUntilGone(
  client: Client,
  at: Place,
  { signal, timeoutMs = goneTimeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs);
  let last: UnknownObject | undefined;
  for await (const live of follow(client, at, AbortSignal.any([signal, timeout]))) {
    if (!live) return;
    last = live;
  }
  signal.throwIfAborted();
  const name = nameObject({ kind: at.resource.kind, metadata: at.key });
  const finalizers = finalizersOf(last);
  throw new UserError(`Cannot remove ${name}: ${last ? "it is still there" : noAnswer} after ${timeoutMs / 1000} s`, {
    hints: finalizers.length > 0 ? [`It is kept by: ${finalizers.join(", ")}.`] : [],
    exitCode: exitCodes.addons,
  });
}

function finalizersOf(object: UnknownObject | undefined): readonly string[] {
  const { spec } = (object ?? {}) as { spec?: { finalizers?: string[] } };
  return [...(object?.metadata.finalizers ?? []), ...(spec?.finalizers ?? [])];
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
