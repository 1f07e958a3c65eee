// Remembers the versions a reconcile has written, and waits until the informers show them. Upstream's controllers count
// "expectations" so as not to act twice on what they cannot see yet; here a reconcile ends only when it can see what it did.

import type { KubeObject } from "#kubernetes/api";
import { compareResourceVersions, type Informer } from "#kubernetes/client";

export class OwnWrites {
  readonly #newest = new Map<Informer<KubeObject>, string>();

  /** Notes what a write answered; undefined (a delete that answered nothing) is passed over. Answers the same object. */
  note<T extends KubeObject, A extends T | undefined>(informer: Informer<T>, answer: A): A {
    this.noteVersion(informer, answer?.metadata.resourceVersion);
    return answer;
  }

  noteVersion<T extends KubeObject>(informer: Informer<T>, version: string | undefined): void {
    if (!version) return;
    const key = informer as unknown as Informer<KubeObject>;
    const newest = this.#newest.get(key);
    if (newest === undefined || compareResourceVersions(version, newest) > 0) this.#newest.set(key, version);
  }

  /** Resolves when every informer shows what was written of its resource. */
  async seen(signal: AbortSignal): Promise<void> {
    for (const [informer, version] of this.#newest) await informer.reached(version, signal);
    this.#newest.clear();
  }
}
