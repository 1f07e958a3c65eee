// JSON Merge Patch (RFC 7386) as the API server applies it (evanphx/json-patch).

import { badRequest } from "../status-error.ts";
import { isObject, type JsonObject, setKey, valueAt } from "./json-value.ts";
import { jsonKindOf } from "./patch-errors.ts";

/**
 * The target with the patch merged in: null removes a key, objects merge, anything else replaces. What the patch does not
 * reach is shared with the target; a patch that changes nothing gives the target itself. Throws BadRequest for a patch that
 * is no object.
 */
export function applyMergePatch(target: JsonObject, patch: unknown): JsonObject {
  if (patch === null) throw badRequest("Invalid JSON Patch");
  if (!isObject(patch)) {
    const kind = jsonKindOf(patch);
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    );
  }
  return mergeObjects(target, patch);
}

function mergeObjects(target: JsonObject, patch: JsonObject): JsonObject {
  let result: { [key: string]: unknown } | undefined;
  for (const [key, value] of Object.entries(patch)) {
    const current = valueAt(target, key);
    if (value === null) {
      if (!Object.hasOwn(target, key)) continue;
      result ??= { ...target };
      delete result[key];
      continue;
    }
    const merged = mergeValues(current, value);
    if (merged === current) continue;
    result ??= { ...target };
    setKey(result, key, merged);
  }
  return result ?? target;
}

function mergeValues(current: unknown, value: unknown): unknown {
  if (!isObject(current)) return withoutNulls(value);
  return isObject(value) ? mergeObjects(current, value) : value;
}

/** The value without the null fields of its objects; nulls that are items of arrays stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const result: { [key: string]: unknown } = {};
  for (const [key, field] of Object.entries(value)) if (field !== null) setKey(result, key, withoutNulls(field));
  return result;
}
