// When two values of a built-in type are the same to Kubernetes (apimachinery's equality.Semantic): quantities by amount, times
// by instant, a list or map that is absent and one that is empty alike.

import { parseQuantity } from "../../quantity/parse.ts";
import { compareQuantities } from "../../quantity/quantity.ts";
import type { ObjectSchema, ScalarType, Schema } from "../../schema.ts";

/** Expects objects as decoding leaves them, empty values settled. */
export function semanticEqual(schema: Schema, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  switch (schema.kind) {
    case "scalar":
      return scalarsEqual(schema.type, a, b);
    case "list":
      return listsEqual(schema.items, a, b);
    case "map":
      return mapsEqual(schema.values, a, b);
    case "object":
      return objectsEqual(schema, a, b);
    case "any":
      return deepEqual(a, b);
  }
}

/** Equal as JSON, whatever the order of fields; an absent field and one that is undefined or null are alike. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return (a ?? null) === (b ?? null);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => deepEqual(item, b[index]));
  }
  return keysOf(a, b).every((key) => deepEqual((a as Fields)[key], (b as Fields)[key]));
}

type Fields = Record<string, unknown>;

function scalarsEqual(type: ScalarType, a: unknown, b: unknown): boolean {
  if (typeof a !== "string" || typeof b !== "string") return (a ?? null) === (b ?? null);
  if (type === "quantity") return compareQuantities(parseQuantity(a), parseQuantity(b)) === 0;
  if (type === "time" || type === "micro-time") return Date.parse(a) === Date.parse(b) && a.slice(19) === b.slice(19);
  return false;
}

function listsEqual(items: Schema, a: unknown, b: unknown): boolean {
  const left = (a ?? []) as readonly unknown[];
  const right = (b ?? []) as readonly unknown[];
  return left.length === right.length && left.every((item, index) => semanticEqual(items, item, right[index]));
}

function mapsEqual(values: Schema, a: unknown, b: unknown): boolean {
  const left = (a ?? {}) as Fields;
  const right = (b ?? {}) as Fields;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => key in right && semanticEqual(values, left[key], right[key]));
}

function objectsEqual(schema: ObjectSchema, a: unknown, b: unknown): boolean {
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return (a ?? null) === (b ?? null);
  return keysOf(a, b).every((key) => {
    const field = schema.fields.get(key);
    const [left, right] = [(a as Fields)[key], (b as Fields)[key]];
    return field ? semanticEqual(field.schema, left, right) : deepEqual(left, right);
  });
}

function keysOf(a: object, b: object): string[] {
  const keys = Object.keys(a);
  for (const key of Object.keys(b)) if (!(key in a)) keys.push(key);
  return keys;
}
