// Makes up values and patches for them: few names and small numbers, so that patches meet what they are for.

import type { Schema } from "../../schema.ts";
import type { Random } from "../../testing/random.ts";
import type { Operation } from "./reference-patches.ts";

type Fields = Record<string, unknown>;

const names = ["a", "b", "c", "a/b", "~", ""];

export function randomJson(random: Random, depth: number): unknown {
  const scalar = random.pick([null, true, 0, 1, "x", "y", -2.5, 2 ** 40]);
  if (depth === 0 || random.chance(0.3)) return scalar;
  if (random.chance(0.4)) return Array.from({ length: random.below(4) }, () => randomJson(random, depth - 1));
  return randomFields(random, depth);
}

export function randomFields(random: Random, depth: number): Fields {
  const fields: Fields = {};
  for (let count = random.below(5); count > 0; count--) fields[random.pick(names)] = randomJson(random, depth - 1);
  return fields;
}

export function randomOperations(random: Random, document: unknown): Operation[] {
  return Array.from({ length: 1 + random.below(4) }, () => {
    const op = random.pick(["add", "remove", "replace", "move", "copy", "test"] as const);
    const path = randomPointer(random, document);
    if (op === "remove") return { op, path };
    if (op === "move" || op === "copy") return { op, path, from: randomPointer(random, document) };
    return { op, path, value: randomJson(random, 2) };
  });
}

/** Mostly to something that is there. */
function randomPointer(random: Random, document: unknown): string {
  let pointer = "";
  let value = document;
  do {
    const isList = Array.isArray(value);
    const known = typeof value === "object" && value !== null ? Object.keys(value) : [];
    const part = random.chance(0.8) && known.length > 0 ? random.pick(known) : isList ? "-" : random.pick(names);
    pointer += `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    value = (value as Fields | null | undefined)?.[part];
  } while (typeof value === "object" && value !== null && random.chance(0.6));
  return pointer;
}

const keys = ["k0", "k1", "k2", "k3"];

/** An object of the schema whose merging lists have items with few different keys, each once. */
export function randomTyped(schema: Schema, random: Random, depth: number): unknown {
  switch (schema.kind) {
    case "object": {
      const object: Fields = {};
      for (const { name, schema: inner, patch } of schema.fields.values()) {
        if (depth <= 0 || !random.chance(0.4)) continue;
        object[name] = patch?.strategies.includes("merge")
          ? randomKeyed(inner, patch.mergeKey ?? "", random, depth)
          : randomTyped(inner, random, depth - 1);
      }
      return object;
    }
    case "list":
      return Array.from({ length: random.below(3) }, () => randomTyped(schema.items, random, depth - 1));
    case "map": {
      const some = keys.filter(() => random.chance(0.5));
      return Object.fromEntries(some.map((key) => [key, randomTyped(schema.values, random, depth - 1)]));
    }
    case "any":
      return { any: random.below(3) };
    case "scalar":
      return random.pick(["x", "y", "z"]);
  }
}

function randomKeyed(schema: Schema, mergeKey: string, random: Random, depth: number): unknown {
  if (schema.kind !== "list") return randomTyped(schema, random, depth - 1);
  const some = keys.filter(() => random.chance(0.5));
  if (schema.items.kind !== "object") return some;
  return some.map((key) => ({ ...(randomTyped(schema.items, random, depth - 1) as Fields), [mergeKey]: key }));
}

/** A patch as a client might send it: parts of another object, fields taken away, directives here and there. */
export function randomStrategicPatch(schema: Schema, random: Random, depth: number): Fields {
  const patch = randomTyped(schema, random, depth) as Fields;
  return strewDirectives(patch, schema, random) as Fields;
}

function strewDirectives(patch: Fields, schema: Schema, random: Random): Fields {
  const result: Fields = {};
  for (const [name, value] of Object.entries(patch)) {
    const field = schema.kind === "object" ? schema.fields.get(name) : undefined;
    const inner = schema.kind === "map" ? schema.values : field?.schema;
    const merges = field?.patch?.strategies.includes("merge") ?? false;
    if (random.chance(0.1)) result[name] = null;
    else if (merges && inner?.kind === "list" && Array.isArray(value)) {
      strewIntoList(result, name, value, { items: inner.items, mergeKey: field?.patch?.mergeKey ?? "", random });
    } else if (inner && (inner.kind === "object" || inner.kind === "map") && isPlain(value)) {
      result[name] = random.chance(0.05) ? { ...value, $patch: "replace" } : strewDirectives(value, inner, random);
    } else result[name] = value;
  }
  return result;
}

interface ListPlace {
  readonly items: Schema;
  readonly mergeKey: string;
  readonly random: Random;
}

function strewIntoList(
  result: Fields,
  name: string,
  list: readonly unknown[],
  { items, mergeKey, random }: ListPlace,
): void {
  if (items.kind !== "object") {
    if (random.chance(0.3)) result[`$deleteFromPrimitiveList/${name}`] = list;
    else result[name] = list;
    return;
  }
  const strewn = (list as Fields[]).map((item) => {
    if (random.chance(0.2)) return { [mergeKey]: item[mergeKey], $patch: "delete" };
    return { ...strewDirectives(item, items, random), [mergeKey]: item[mergeKey] };
  });
  result[name] = random.chance(0.05) ? [...strewn, { $patch: "replace" }] : strewn;
}

function isPlain(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
