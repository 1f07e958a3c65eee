// What a value was before an update: found by field, by key, and in lists that are maps by the fields that tell items apart.

import { deepEqual } from "#kubernetes/api";
import { additionalOf, itemsOf, type OpenApiSchema, propertyOf } from "../schema/open-api.ts";

type Json = unknown;
type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Finds the old item that has an item's keys; undefined for lists whose items have no identity. */
export function correlateItems(schema: OpenApiSchema, old: Json): (item: Json) => Json {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const isMap = schema.type === "array" && schema["x-kubernetes-list-type"] === "map" && keys.length > 0;
  if (!isMap || !Array.isArray(old) || old.length === 0) return () => undefined;
  let byKey: Map<string, Json> | undefined;
  return (item) => {
    byKey ??= indexItems(old, keys);
    const key = keyOf(item, keys);
    return key === undefined ? undefined : byKey.get(key);
  };
}

function indexItems(items: readonly Json[], keys: readonly string[]): Map<string, Json> {
  const byKey = new Map<string, Json>();
  for (const item of items) {
    const key = keyOf(item, keys);
    if (key !== undefined && !byKey.has(key)) byKey.set(key, item);
  }
  return byKey;
}

function keyOf(item: Json, keys: readonly string[]): string | undefined {
  if (!isObject(item)) return undefined;
  const parts: string[] = [];
  for (const key of keys) {
    const value = item[key];
    if (value === undefined || value === null || typeof value === "object") return undefined;
    parts.push(`${typeof value}:${String(value)}`);
  }
  return parts.join("\n");
}

/** A value with what it was before. */
export class Correlation {
  readonly #value: Json;
  readonly #old: Json;
  readonly #schema: OpenApiSchema;
  #unchanged: boolean | undefined;
  #oldItem: ((item: Json) => Json) | undefined;

  constructor(value: Json, old: Json, schema: OpenApiSchema) {
    this.#value = value;
    this.#old = old;
    this.#schema = schema;
  }

  isUnchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  field(name: string): Correlation | undefined {
    if (!isObject(this.#value) || !isObject(this.#old)) return undefined;
    if (!Object.hasOwn(this.#value, name) || !Object.hasOwn(this.#old, name)) return undefined;
    const schema = propertyOf(this.#schema, name) ?? additionalOf(this.#schema);
    return schema && new Correlation(this.#value[name], this.#old[name], schema);
  }

  item(index: number): Correlation | undefined {
    const schema = itemsOf(this.#schema);
    if (!schema || !Array.isArray(this.#value)) return undefined;
    this.#oldItem ??= correlateItems(this.#schema, this.#old);
    const old = this.#oldItem(this.#value[index]);
    return old === undefined ? undefined : new Correlation(this.#value[index], old, schema);
  }

  /** Items of a list that is a map may have changed places. */
  #compare(): boolean {
    const value = this.#value;
    const old = this.#old;
    if (Array.isArray(value) && Array.isArray(old) && this.#schema["x-kubernetes-list-type"] === "map") {
      if (value.length !== old.length) return false;
      return value.every((_item, index) => this.item(index)?.isUnchanged() ?? false);
    }
    if (!isObject(value) || !isObject(old)) return deepEqual(value, old);
    const names = Object.keys(value);
    if (names.length !== Object.keys(old).length) return false;
    return names.every((name) => this.field(name)?.isUnchanged() ?? false);
  }
}

/** Where an object stands against its old one: at its own place, or at the nearest one above that can be told. */
export class Ratchet {
  readonly #current: Correlation | undefined;
  readonly #parent: Correlation | undefined;

  constructor(current: Correlation | undefined, parent?: Correlation) {
    this.#current = current;
    this.#parent = parent;
  }

  /** What is wrong is no worse than it was: a warning, not an error. */
  forgives(): boolean {
    return (this.#current ?? this.#parent)?.isUnchanged() ?? false;
  }

  field(name: string): Ratchet {
    if (!this.#current) return this;
    if (!this.#parent && (name === "apiVersion" || name === "kind")) return new Ratchet(undefined);
    return new Ratchet(this.#current.field(name), this.#current);
  }

  item(index: number): Ratchet {
    return this.#current ? new Ratchet(this.#current.item(index), this.#current) : this;
  }

  /** Within allOf, only what lies above counts. */
  within(): Ratchet {
    return new Ratchet(undefined, this.#parent);
  }
}
