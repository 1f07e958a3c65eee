// Waits for an object that somebody is about to make.

import { formatKey, type KubeObject, type ObjectKey, type Resource } from "#kubernetes/api";
import type { StoreEvent } from "#kubernetes/store";
import type { PluginContext } from "./plugin-context.ts";

/** The object as soon as it is there; undefined when the time is up. */
export async function waitForObject<T extends KubeObject>(
  { objects, clock }: PluginContext,
  resource: Resource<T>,
  key: ObjectKey,
  timeoutMs: number,
): Promise<T | undefined> {
  const collection = objects.collection(resource);
  const wanted = formatKey(key);
  const { items, revision } = await collection.list({ keyPrefix: wanted });
  const present = items.find((item) => item.key === wanted);
  if (present) return present.object as T;
  return new Promise((resolve) => {
    const finish = (object: T | undefined) => {
      watch?.stop();
      cancel();
      resolve(object);
    };
    const cancel = clock.after(timeoutMs, () => finish(undefined));
    const look = (events: readonly StoreEvent[]) => {
      const made = events.find((event) => event.type === "put" && event.current.key === wanted);
      if (made) finish(made.current.object as T);
    };
    const watch = collection.watch(revision, look, () => finish(undefined));
  });
}
