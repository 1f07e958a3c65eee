// The objects of an informer, found by key, by namespace, and by the values of named index functions.

import type { KubeObject, ObjectKey } from "#kubernetes/api";
import type { IndexFunction } from "../informer.ts";

const nothing: readonly never[] = [];

export class ObjectIndex<T extends KubeObject> {
  /** By namespace ("" for cluster-scoped kinds), then by name. */
  readonly #namespaces = new Map<string, Map<string, T>>();
  readonly #indexes = new Map<string, ValueIndex<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ namespace = "", name }: ObjectKey): T | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  list(namespace?: string): readonly T[] {
    if (namespace === undefined) return [...this.values()];
    const objects = this.#namespaces.get(namespace);
    return objects ? [...objects.values()] : nothing;
  }

  *values(): Generator<T, void, undefined> {
    for (const objects of this.#namespaces.values()) yield* objects.values();
  }

  /** Puts the object in; answers the one it replaces. */
  set(object: T): T | undefined {
    const { namespace = "", name = "" } = object.metadata;
    let objects = this.#namespaces.get(namespace);
    if (!objects) {
      objects = new Map();
      this.#namespaces.set(namespace, objects);
    }
    const old = objects.get(name);
    objects.set(name, object);
    if (!old) this.#size++;
    for (const index of this.#indexes.values()) index.replace(old, object);
    return old;
  }

  /** Takes the object of this key out; answers it. */
  delete({ namespace = "", name }: ObjectKey): T | undefined {
    const objects = this.#namespaces.get(namespace);
    const old = objects?.get(name);
    if (!objects || !old) return undefined;
    objects.delete(name);
    if (objects.size === 0) this.#namespaces.delete(namespace);
    this.#size--;
    for (const index of this.#indexes.values()) index.replace(old, undefined);
    return old;
  }

  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    const known = this.#indexes.get(name);
    if (known?.valuesOf === valuesOf) return;
    if (known) throw new Error(`Cannot add the index "${name}": another function has that name`);
    const index = new ValueIndex(valuesOf);
    for (const object of this.values()) index.replace(undefined, object);
    this.#indexes.set(name, index);
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`Cannot look up "${value}": there is no index "${name}"`);
    return index.find(value);
  }
}

/** Most values have one object only (a uid, a node's lease): no set is made for those. */
class ValueIndex<T extends KubeObject> {
  readonly valuesOf: IndexFunction<T>;
  readonly #buckets = new Map<string, T | Set<T>>();

  constructor(valuesOf: IndexFunction<T>) {
    this.valuesOf = valuesOf;
  }

  find(value: string): readonly T[] {
    const bucket = this.#buckets.get(value);
    if (bucket === undefined) return nothing;
    return bucket instanceof Set ? [...bucket] : [bucket];
  }

  replace(old: T | undefined, object: T | undefined): void {
    if (old) for (const value of this.valuesOf(old)) this.#remove(value, old);
    if (object) for (const value of this.valuesOf(object)) this.#add(value, object);
  }

  #add(value: string, object: T): void {
    const bucket = this.#buckets.get(value);
    if (bucket === undefined) this.#buckets.set(value, object);
    else if (bucket instanceof Set) bucket.add(object);
    else if (bucket !== object) this.#buckets.set(value, new Set([bucket, object]));
  }

  #remove(value: string, object: T): void {
    const bucket = this.#buckets.get(value);
    if (bucket === object) this.#buckets.delete(value);
    else if (bucket instanceof Set && bucket.delete(object) && bucket.size === 0) this.#buckets.delete(value);
  }
}
