// Elements that several services put into a set: each is there as long as one of them wants it.

import type { ElementCollector, Elements } from "../nft/elements.ts";

export class SharedElements {
  /** By container, then by key: how many services want it. */
  readonly #wanted = new Map<string, Map<string, number>>();
  /** What changed since the last `settle`, and how often it was wanted then. */
  readonly #touched = new Map<string, Map<string, number>>();

  /** One service wants something else than before. */
  change(before: Elements, after: Elements): void {
    for (const [container, keys] of before) for (const key of keys.keys()) this.#count(container, key, -1);
    for (const [container, keys] of after) for (const key of keys.keys()) this.#count(container, key, 1);
  }

  /** Fills in what all changes since the last call come to. */
  settle(into: { readonly removed: ElementCollector; readonly added: ElementCollector }): void {
    for (const [container, keys] of this.#touched) {
      for (const [key, before] of keys) {
        const now = this.#wanted.get(container)?.get(key) ?? 0;
        if (before > 0 && now === 0) into.removed.add(container, key);
        if (before === 0 && now > 0) into.added.add(container, key);
      }
    }
    this.#touched.clear();
  }

  #count(container: string, key: string, step: number): void {
    const wanted = mapIn(this.#wanted, container);
    const before = wanted.get(key) ?? 0;
    const touched = mapIn(this.#touched, container);
    if (!touched.has(key)) touched.set(key, before);
    if (before + step === 0) wanted.delete(key);
    else wanted.set(key, before + step);
  }
}

function mapIn(maps: Map<string, Map<string, number>>, name: string): Map<string, number> {
  let map = maps.get(name);
  if (!map) {
    map = new Map();
    maps.set(name, map);
  }
  return map;
}
