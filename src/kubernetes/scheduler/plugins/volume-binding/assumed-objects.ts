// Objects as they will be when what the scheduler has decided is written: looked at instead of the informer's until that has
// heard of a newer state.

import { formatKey, type KubeObject, keyOf, type ObjectKey } from "#kubernetes/api";
import type { Lister } from "#kubernetes/client";

export class AssumedObjects<T extends KubeObject> {
  readonly #informer: Lister<T>;
  readonly #assumed = new Map<string, T>();

  constructor(informer: Lister<T>) {
    this.#informer = informer;
  }

  get(key: ObjectKey): T | undefined {
    return this.#current(this.#informer.get(key));
  }

  /** As the API server has it. */
  getKnown(key: ObjectKey): T | undefined {
    return this.#informer.get(key);
  }

  byIndex(index: string, value: string): T[] {
    return this.#informer.byIndex(index, value).map((object) => this.#current(object)!);
  }

  /** `object` is a changed copy of the state the informer has; throws where that has moved on. */
  assume(object: T): void {
    const key = formatKey(keyOf(object));
    const known = this.#informer.get(keyOf(object));
    const [stored, assumed] = [known?.metadata.resourceVersion, object.metadata.resourceVersion];
    if (!known) throw new Error(`"${key}" not found`);
    if (stored !== assumed) throw new Error(`"${key}" is out of sync (stored: ${stored}, assume: ${assumed})`);
    this.#dropStale();
    this.#assumed.set(key, object);
  }

  /** Takes back what was assumed; nothing where a newer state is known. */
  restore(object: T): void {
    const key = formatKey(keyOf(object));
    if (this.#assumed.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) this.#assumed.delete(key);
  }

  #current(known: T | undefined): T | undefined {
    if (!known || this.#assumed.size === 0) return known;
    const assumed = this.#assumed.get(formatKey(keyOf(known)));
    return assumed?.metadata.resourceVersion === known.metadata.resourceVersion ? assumed : known;
  }

  #dropStale(): void {
    for (const [key, object] of this.#assumed) {
      const known = this.#informer.get(keyOf(object));
      if (known?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#assumed.delete(key);
    }
  }
}
