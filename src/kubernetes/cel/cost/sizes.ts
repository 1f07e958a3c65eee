// How large values are, as costs count it.

import { sizeOf } from "../library/conversions.ts";
import { CelOptional, type CelValue, isList, isMap, kindOf } from "../values/value.ts";

/** The cost of walking through a string, per character. */
export const STRING_FACTOR = 0.1;
/** The cost of a pattern, per character. */
export const REGEX_FACTOR = 0.25;

/** What `size` counts; 1 for what has no size. */
export function actualSize(value: CelValue | undefined): number {
  if (value === undefined) return 1;
  if (kindOf(value) === "opaque") return (value as { size?: number }).size ?? 1;
  return sizeOf(value) ?? 1;
}

/** The same, of what an optional holds. */
export function innerSize(value: CelValue | undefined): number {
  return value instanceof CelOptional && value.value !== undefined ? innerSize(value.value) : actualSize(value);
}

/** The cost of walking through a value, in bytes of text. */
export function traversalCost(value: CelValue | undefined): number {
  if (value === undefined) return 0;
  if (typeof value === "string") return Math.trunc(Buffer.byteLength(value) * STRING_FACTOR);
  if (value instanceof Uint8Array) return Math.trunc(value.length * STRING_FACTOR);
  let cost = 0;
  if (isList(value)) {
    for (let index = 0; index < value.size; index++) cost += traversalCost(value.at(index));
    return cost;
  }
  if (!isMap(value)) return 1;
  for (const key of value.keys()) cost += traversalCost(key) + traversalCost(value.find(key));
  return cost;
}
