// The directives a strategic merge patch may carry, and taking them out of values that are new to the target.

import { goTypeOf, printGo } from "../go-print.ts";
import { isObject, type JsonObject, setKey } from "./json-value.ts";
import { unforeseen } from "./patch-errors.ts";

export const directive = {
  /** "replace" or "delete" beside an object's fields; in a merging list also as an item. */
  patch: "$patch",
  retainKeys: "$retainKeys",
  /** Followed by "/" and a field's name, as elementOrder. */
  deleteFromList: "$deleteFromPrimitiveList",
  elementOrder: "$setElementOrder",
} as const;

export const listOfLists = "lists of lists are not supported";

/** A value without the objects that carry $patch; undefined when it is one itself. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.map(withoutDirectives).filter((item) => item !== undefined);
    return sameItems(kept, value) ? value : kept;
  }
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, directive.patch)) return undefined;
  return mapFields(value, withoutDirectives);
}

/** A value without the null fields of its objects, at any depth; nulls that are items of lists stay. */
export function withoutNullFields(value: unknown): unknown {
  if (Array.isArray(value)) {
    const cleaned = value.map(withoutNullFields);
    return sameItems(cleaned, value) ? value : cleaned;
  }
  if (!isObject(value)) return value;
  return mapFields(value, (field) => (field === null ? undefined : withoutNullFields(field)));
}

/** Whether two lists hold the very same items. */
export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

export function badPatchType(wish: unknown, object: JsonObject): Error {
  const type = typeof wish === "string" ? wish : `%!s(${goTypeOf(wish)}=${printGo(wish)})`;
  return unforeseen(`unknown patch type: ${type} in map: ${printGo(object)}`);
}

/** The object with its fields changed, without those that become undefined; itself when nothing changes. */
function mapFields(object: JsonObject, change: (field: unknown) => unknown): JsonObject {
  const result: { [key: string]: unknown } = {};
  let changed = false;
  for (const [key, field] of Object.entries(object)) {
    const next = change(field);
    changed ||= next !== field;
    if (next !== undefined) setKey(result, key, next);
  }
  return changed ? result : object;
}
