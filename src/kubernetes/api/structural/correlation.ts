// What a value was before an update: found by field, by key, and in lists that are maps by the fields that tell items apart
// (k8s.io/apiserver/pkg/cel/common: CorrelatedObject).

import { deepEqual } from "../kinds/values/semantic-equal.ts";
import { additionalOf, isRecord, itemsOf, propertyOf } from "./json-schema.ts";

type Json = unknown;

/** What of a schema tells which values are the same one. */
export interface CorrelatedSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, CorrelatedSchema>>;
  readonly additionalProperties?: CorrelatedSchema | boolean;
  readonly items?: CorrelatedSchema | readonly CorrelatedSchema[];
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

/** Finds the old item that has an item's keys; undefined for lists whose items have no identity. */
export function correlateItems(schema: CorrelatedSchema, old: Json): (item: Json) => Json {
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
  if (!isRecord(item)) return undefined;
  const parts: string[] = [];
  for (const key of keys) {
    const value = item[key];
    if (value === undefined || value === null || typeof value === "object") return undefined;
    parts.push(`${typeof value}:${String(value)}`);
  }
  return parts.join("\n");
}

/** A value with what it was before; what its schema says nothing of is never the same. */
export class Correlation {
  readonly #value: Json;
  readonly #old: Json;
  readonly #schema: CorrelatedSchema;
  #unchanged: boolean | undefined;
  #oldItem: ((item: Json) => Json) | undefined;

  constructor(value: Json, old: Json, schema: CorrelatedSchema) {
    this.#value = value;
    this.#old = old;
    this.#schema = schema;
  }

  isUnchanged(): boolean {
    this.#unchanged ??= this.#compare();
    return this.#unchanged;
  }

  field(name: string): Correlation | undefined {
    if (!isRecord(this.#value) || !isRecord(this.#old)) return undefined;
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
    if (!isRecord(value) || !isRecord(old)) return deepEqual(value, old);
    const names = Object.keys(value);
    if (names.length !== Object.keys(old).length) return false;
    return names.every((name) => this.field(name)?.isUnchanged() ?? false);
  }
}
