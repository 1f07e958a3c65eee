// What tells the items of a list apart: the path element of an item, from its keys or, in a set, from itself.

import { isObject, type JsonObject, valueAt } from "../../patch/json-value.ts";
import type { ListSchema } from "../../schema.ts";
import { keyElement, valueElement } from "../fields/path-element.ts";
import { keyDefaultOf } from "./ownership-shape.ts";

/** An item that cannot be told apart; the message is upstream's. */
export class ListItemError extends Error {
  override readonly name = "ListItemError";
}

interface KeyField {
  readonly name: string;
  readonly default: unknown;
}

const keyFields = new WeakMap<ListSchema, readonly KeyField[]>();

/** The element of an item of a set or map list. Throws ListItemError. */
export function elementOfItem(item: unknown, list: ListSchema): string {
  return list.keys.length > 0 ? elementByKeys(item, list) : elementByValue(item);
}

/** As elementOfItem, but undefined for an item that cannot be told apart. */
export function tryElementOfItem(item: unknown, list: ListSchema): string | undefined {
  try {
    return elementOfItem(item, list);
  } catch (error) {
    if (error instanceof ListItemError) return undefined;
    throw error;
  }
}

/** Whether two items surely have the same element: by plain comparison, without spelling it. */
export function haveSameKeys(a: unknown, b: unknown, list: ListSchema): boolean {
  if (list.keys.length === 0) return a === b;
  if (!isObject(a) || !isObject(b)) return false;
  for (const field of keyFieldsOf(list)) if (keyOf(a, field) !== keyOf(b, field)) return false;
  return true;
}

function keyOf(item: JsonObject, field: KeyField): unknown {
  const value = valueAt(item, field.name);
  return value === undefined ? field.default : value;
}

function elementByKeys(item: unknown, list: ListSchema): string {
  if (item === null) throw new ListItemError("associative list with keys may not have a null element");
  if (!isObject(item)) throw new ListItemError("associative list with keys may not have non-map elements");
  const fields: [string, unknown][] = [];
  for (const field of keyFieldsOf(list)) {
    const value = keyOf(item, field);
    if (value !== undefined) fields.push([field.name, value]);
  }
  if (fields.length > 0) return keyElement(fields);
  const names = list.keys.map((key) => `"${key}"`).join(" ");
  throw new ListItemError(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  );
}

function keyFieldsOf(list: ListSchema): readonly KeyField[] {
  let fields = keyFields.get(list);
  if (!fields) {
    fields = list.keys.toSorted().map((name) => ({ name, default: keyDefaultOf(list, name) }));
    keyFields.set(list, fields);
  }
  return fields;
}

function elementByValue(item: unknown): string {
  if (item === null) {
    throw new ListItemError("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(item)) throw new ListItemError("not supported: associative list with lists as elements");
  if (isObject(item)) throw new ListItemError("associative list without keys has an element that's a map type");
  return valueElement(item);
}
