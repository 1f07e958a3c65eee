// Keys that no collection has asked for yet: as they were at the beginning, and what happened to them since, so that a
// collection declared later begins with its past. Long pasts are folded into the beginning.

import type { EncodedObject } from "../stored-object.ts";
import type { VersionedCollection } from "../versioned-collection.ts";
import type { VersionedIndex } from "../versioned-index.ts";

/** A state of a key, or its end, before anybody knows to which collection it belongs. */
export interface UnclaimedChange {
  readonly fullKey: string;
  readonly revision: number;
  /** Makes the state under the key that its collection gives it; absent: the key was deleted. */
  readonly make: ((key: string) => EncodedObject) | undefined;
}

const mostChanges = 20_000;

export class UnclaimedKeys {
  readonly #beginning = new Map<string, NonNullable<UnclaimedChange["make"]>>();
  #changes: UnclaimedChange[] = [];
  /** All changes after this revision are in #changes. */
  #oldest: number;

  constructor(oldest: number) {
    this.#oldest = oldest;
  }

  /** Takes a key as it was at the beginning. */
  load(fullKey: string, make: (key: string) => EncodedObject): void {
    this.#beginning.set(fullKey, make);
  }

  apply(change: UnclaimedChange): void {
    this.#changes.push(change);
    if (this.#changes.length > mostChanges) this.#fold(mostChanges / 2);
  }

  #fold(count: number): void {
    for (const { fullKey, revision, make } of this.#changes.splice(0, count)) {
      if (make) this.#beginning.set(fullKey, make);
      else this.#beginning.delete(fullKey);
      this.#oldest = revision;
    }
  }

  /** Makes the collection of a prefix out of what was kept for it. */
  claim(index: VersionedIndex, prefix: string): VersionedCollection {
    const collection = index.collection(prefix, this.#oldest);
    collection.load(this.takeObjects(prefix));
    const isMine = ({ fullKey }: UnclaimedChange) => fullKey.startsWith(prefix);
    for (const { fullKey, revision, make } of this.#changes.filter(isMine)) {
      const key = fullKey.slice(prefix.length);
      collection.apply(key, revision, make?.(key));
    }
    collection.publish();
    this.#changes = this.#changes.filter((change) => !isMine(change));
    return collection;
  }

  /** What was there at the beginning under a prefix, in key order; it is no longer kept here. */
  takeObjects(prefix: string): EncodedObject[] {
    const objects: EncodedObject[] = [];
    for (const [fullKey, make] of this.#beginning) {
      if (!fullKey.startsWith(prefix)) continue;
      objects.push(make(fullKey.slice(prefix.length)));
      this.#beginning.delete(fullKey);
    }
    return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}
