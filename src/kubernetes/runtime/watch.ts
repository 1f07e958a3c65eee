// What a controller watches, and which keys a change there concerns.

import type { KubeObject } from "#kubernetes/api";
import { formatKey, keyOf } from "#kubernetes/api";
import type { Informer, InformerHandler } from "#kubernetes/client";
import type { KeyQueue } from "./work-queue.ts";

/** A source of keys: an informer with the handler that turns its changes into keys. */
export interface Watch {
  /** Starts filling the queue; the answer ends it. */
  attach(queue: KeyQueue): () => void;
  /** Resolves when the queue holds the keys of all there was when it was attached. */
  synced(signal?: AbortSignal): Promise<void>;
}

/** The general form: the handler decides what to queue. */
export function watch<T extends KubeObject>(
  informer: Informer<T>,
  createHandler: (queue: KeyQueue) => InformerHandler<T>,
): Watch {
  return {
    attach: (queue) => informer.addHandler(createHandler(queue)),
    synced: (signal) => informer.synced(signal),
  };
}

/** The usual form: every change queues the keys that `keysOf` finds for the object as it is, and for what it was before. */
export function watchKeys<T extends KubeObject>(informer: Informer<T>, keysOf: (object: T) => Iterable<string>): Watch {
  return watch(informer, (queue) => {
    const addAll = (object: T) => {
      for (const key of keysOf(object)) queue.add(key);
    };
    return {
      added: addAll,
      updated(object, old) {
        addAll(old);
        addAll(object);
      },
      deleted: addAll,
    };
  });
}

/** The objects the controller is about: their own keys. */
export function watchOwn<T extends KubeObject>(informer: Informer<T>): Watch {
  return watchKeys(informer, (object) => [formatKey(keyOf(object))]);
}
