// Maps made by expressions. Keys that are equal numbers of different types are one key.

import { equal } from "./equal.ts";
import { isNumber } from "./numbers.ts";
import { printValue } from "./print.ts";
import { CelError, type CelMap, type CelValue, isMap } from "./value.ts";

interface Entry {
  readonly key: CelValue;
  readonly value: CelValue;
}

/** A map of values at hand. What `entries` holds must not change once others see the map. */
export class EntryMap implements CelMap {
  readonly kind = "map";
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: CelValue): CelValue | undefined {
    const hashed = hashKey(key);
    return hashed === undefined ? undefined : this.#entries.get(hashed)?.value;
  }

  *keys(): Iterable<CelValue> {
    for (const entry of this.#entries.values()) yield entry.key;
  }

  equal(other: CelValue): CelValue {
    if (!isMap(other) || this.size !== other.size) return false;
    for (const { key, value } of this.#entries.values()) {
      const found = other.find(key);
      if (found === undefined || equal(value, found) === false) return false;
    }
    return true;
  }

  /** The entries, to make a greater map of. */
  entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }
}

/** The key as text, alike for equal keys; undefined for what can be no key. */
function hashKey(key: CelValue): string | undefined {
  if (typeof key === "string") return `s${key}`;
  if (typeof key === "boolean") return `b${key}`;
  if (!isNumber(key)) return undefined;
  if (typeof key !== "number") return `n${typeof key === "bigint" ? key : key.value}`;
  return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`;
}

const BAD_KEY = new CelError("unsupported key type");

/** Puts together a map, entry by entry. */
export class MapBuilder {
  readonly #entries: Map<string, Entry>;

  constructor(from?: EntryMap) {
    this.#entries = new Map(from?.entries());
  }

  /** Sets a key; a second value of one key replaces the first. */
  set(key: CelValue, value: CelValue): CelError | undefined {
    const hashed = hashKey(key);
    if (hashed === undefined) return BAD_KEY;
    this.#entries.set(hashed, { key, value });
    return undefined;
  }

  delete(key: CelValue): void {
    const hashed = hashKey(key);
    if (hashed !== undefined) this.#entries.delete(hashed);
  }

  /** Adds a key, an error where it is there already. */
  insert(key: CelValue, value: CelValue): CelError | undefined {
    const hashed = hashKey(key);
    if (hashed !== undefined && this.#entries.has(hashed)) {
      return new CelError(`insert failed: key ${printValue(key)} already exists`);
    }
    return this.set(key, value);
  }

  build(): EntryMap {
    return new EntryMap(this.#entries);
  }
}

/** The map a comprehension gathers: inserting changes it. Settled before anyone else sees it. */
export class GrowingMap extends EntryMap {
  readonly #builder: MapBuilder;

  constructor() {
    const builder = new MapBuilder();
    super(builder.build().entries());
    this.#builder = builder;
  }

  insert(key: CelValue, value: CelValue): CelError | undefined {
    return this.#builder.insert(key, value);
  }

  settle(): EntryMap {
    return new EntryMap(this.entries());
  }
}
