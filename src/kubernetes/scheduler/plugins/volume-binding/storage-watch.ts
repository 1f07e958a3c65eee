// Waits for something to become true of claims, volumes and pods; looks again whenever one of them has changed.

import { type KubeObject, type Resource, resources } from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { type Clock, onAbort } from "#shared";

export class StorageWatch {
  readonly #looks = new Set<() => void>();
  readonly #detach: readonly (() => void)[];

  constructor(informers: InformerSet) {
    const lookAgain = () => {
      for (const look of this.#looks) look();
    };
    const follow = <T extends KubeObject>(resource: Resource<T>) =>
      informers.informer(resource).addHandler({ added: lookAgain, updated: lookAgain, deleted: lookAgain });
    this.#detach = [
      follow(resources.persistentVolumeClaims),
      follow(resources.persistentVolumes),
      // Of pods only that they go.
      informers.informer(resources.pods).addHandler({ deleted: lookAgain }),
    ];
  }

  /** Resolves when `check` answers true. Rejects with what it throws, when time is over, and when the signal fires. */
  until(
    check: () => boolean,
    { timeoutMs, clock, signal }: { readonly timeoutMs: number; readonly clock: Clock; readonly signal: AbortSignal },
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      try {
        if (check()) resolve();
      } catch (error) {
        reject(error);
      }
    };
    this.#looks.add(look);
    const cancel = clock.after(timeoutMs, () => reject(new Error("context deadline exceeded")));
    const forget = onAbort(signal, () => reject(signal.reason));
    look();
    return promise.finally(() => {
      this.#looks.delete(look);
      cancel();
      forget();
    });
  }

  stop(): void {
    for (const detach of this.#detach) detach();
  }
}
