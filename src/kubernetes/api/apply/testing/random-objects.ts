// Random schemas, and random objects that fit them: small, so that two objects often share fields, keys and items.

import type { Field, ListSchema, MapSchema, ObjectSchema, Schema } from "../../schema.ts";

/** A seeded source of randomness: the same seed gives the same values (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

export interface RandomObjectOptions {
  /** Lets items of sets and maps occur twice, as stored objects may. */
  readonly duplicates?: boolean;
}

const names = ["a", "b", "c", "name", "key"];
const texts = ["", "x", "y", "z", 'q"<é>'];

/** A schema of an object with a few fields of any kind. */
export function randomSchema(random: Random, depth = 3): ObjectSchema {
  const fields = new Map<string, Field>();
  for (const name of names) {
    if (random.chance(0.8)) fields.set(name, makeField(name, randomFieldSchema(random, depth)));
  }
  return makeObject(fields, random.chance(0.15) ? "atomic" : "granular");
}

/** An object that fits the schema. */
export function randomObject(
  random: Random,
  schema: Schema,
  options: RandomObjectOptions = {},
): Record<string, unknown> {
  const value = randomRecord(random, schema as ObjectSchema, options);
  return value;
}

export function makeObject(
  fields: ReadonlyMap<string, Field>,
  structure: "granular" | "atomic" = "granular",
): ObjectSchema {
  return { kind: "object", name: "", fields, structure, preserveUnknown: false };
}

export function makeField(name: string, schema: Schema, defaultValue?: unknown): Field {
  return { name, schema, required: false, ...(defaultValue !== undefined && { default: defaultValue }) };
}

function randomFieldSchema(random: Random, depth: number): Schema {
  const kind = random.below(depth > 0 ? 9 : 2);
  if (kind <= 1) return { kind: "scalar", type: random.pick(["string", "int32", "boolean", "int-or-string"] as const) };
  if (kind <= 3) return randomSchema(random, depth - 1);
  if (kind === 4) return randomMap(random, depth);
  if (kind === 5) return { kind: "any", shape: "any", name: random.chance(0.3) ? rawExtension : "" };
  return randomList(random, depth);
}

const rawExtension = "io.k8s.apimachinery.pkg.runtime.RawExtension";

function randomMap(random: Random, depth: number): MapSchema {
  const structure = random.chance(0.3) ? "atomic" : "granular";
  return { kind: "map", values: randomFieldSchema(random, depth - 1), structure };
}

function randomList(random: Random, depth: number): ListSchema {
  const structure = random.pick(["atomic", "set", "map", "map"] as const);
  if (structure === "atomic") return { kind: "list", items: randomFieldSchema(random, depth - 1), structure, keys: [] };
  if (structure === "set") {
    const type = random.pick(["string", "int32"] as const);
    return { kind: "list", items: { kind: "scalar", type }, structure, keys: [] };
  }
  return randomKeyedList(random, depth);
}

function randomKeyedList(random: Random, depth: number): ListSchema {
  const items = randomSchema(random, depth - 1);
  const fields = new Map(items.fields);
  const keys = random.chance(0.5) ? ["key"] : ["name", "key"];
  for (const key of keys) fields.set(key, makeField(key, { kind: "scalar", type: "string" }));
  // One key may be left out: it has a default.
  if (keys.length > 1 && random.chance(0.5))
    fields.set("key", makeField("key", { kind: "scalar", type: "string" }, "x"));
  return { kind: "list", items: makeObject(fields, items.structure), structure: "map", keys };
}

function randomValue(random: Random, schema: Schema, options: RandomObjectOptions): unknown {
  if (random.chance(0.04)) return null;
  switch (schema.kind) {
    case "scalar":
      return randomScalar(random, schema.type);
    case "object":
    case "map":
      return randomRecord(random, schema, options);
    case "list":
      return schema.structure === "map" ? randomKeyed(random, schema, options) : randomItems(random, schema, options);
    case "any":
      return randomAnything(random, 2);
  }
}

function randomScalar(random: Random, type: string): unknown {
  if (type === "boolean") return random.chance(0.5);
  if (type === "int32" || (type === "int-or-string" && random.chance(0.5))) return random.below(3);
  return random.pick(texts);
}

function randomRecord(random: Random, schema: Schema, options: RandomObjectOptions): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  if (random.chance(0.1)) return record;
  for (const name of names) {
    if (!random.chance(0.5)) continue;
    const field = schema.kind === "object" ? schema.fields.get(name)?.schema : (schema as MapSchema).values;
    if (field) record[name] = randomValue(random, field, options);
  }
  return record;
}

function randomItems(random: Random, list: ListSchema, options: RandomObjectOptions): unknown[] {
  const items = Array.from({ length: random.below(4) }, () => randomValue(random, list.items, options));
  if (list.structure === "atomic") return items;
  const usable = items.filter((item) => item !== null);
  return options.duplicates ? usable : [...new Set(usable)];
}

function randomKeyed(random: Random, list: ListSchema, options: RandomObjectOptions): unknown[] {
  const items: Record<string, unknown>[] = [];
  for (let count = random.below(4); count > 0; count--) {
    const item = randomRecord(random, list.items, options);
    for (const key of list.keys) item[key] = random.pick(["x", "y", "z"]);
    if (list.keys.length > 1 && random.chance(0.2)) delete item["key"];
    const twin = items.some((other) => list.keys.every((key) => keyOf(other, key, list) === keyOf(item, key, list)));
    if (!twin || (options.duplicates && random.chance(0.5))) items.push(item);
  }
  return items;
}

function keyOf(item: Record<string, unknown>, key: string, list: ListSchema): unknown {
  return item[key] ?? (list.items as ObjectSchema).fields.get(key)?.default;
}

function randomAnything(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 6 : 3);
  if (kind <= 2) return [random.pick(texts), random.below(3), random.chance(0.5)][kind];
  if (kind === 3) return Array.from({ length: random.below(3) }, () => randomAnything(random, depth - 1));
  const record: Record<string, unknown> = {};
  for (const name of names) if (random.chance(0.4)) record[name] = randomAnything(random, depth - 1);
  return record;
}
