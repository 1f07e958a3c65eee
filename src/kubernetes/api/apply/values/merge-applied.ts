// An applied configuration laid over the live object: fields of the configuration win, everything else stays, nothing goes.

import { equalJson, isObject, type JsonObject, setKey, valueAt } from "../../patch/json-value.ts";
import type { ListSchema, Schema } from "../../schema.ts";
import { elementOfItem } from "./list-items.ts";
import { fieldSchemaOf, isEmptyRecord, itemSchemaOf, itemsOf, recordOf, shapeOf } from "./ownership-shape.ts";

/**
 * The live object with the configuration merged in. Neither is changed; parts that stay as they were are shared with the live
 * object. Items of lists keep the configuration's order among themselves, with the live object's other items woven in. Throws
 * ListItemError for items that cannot be told apart.
 */
export function mergeApplied(live: JsonObject, applied: JsonObject, schema: Schema): JsonObject {
  return recordOf(mergeValues(live, applied, schema));
}

/** undefined stands for a value that is not there. */
function mergeValues(live: unknown, applied: unknown, schema: Schema): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const shape = shapeOf(applied, schema);
  if (shape === "record") return mergeRecords(live, applied, schema);
  if (shape === "items") return mergeLists(live, applied, schema as ListSchema);
  return equalJson(live, applied) ? live : applied;
}

function mergeRecords(live: unknown, applied: unknown, schema: Schema): unknown {
  const before = recordOf(live);
  const wished = recordOf(applied);
  // null and {} over something empty are told apart; over something that holds fields, neither takes them away.
  if (isEmptyRecord(wished)) return isEmptyRecord(before) ? applied : live;
  let result: { [key: string]: unknown } | undefined;
  for (const name of Object.keys(wished)) {
    const current = valueAt(before, name);
    const merged = mergeValues(current, wished[name], fieldSchemaOf(schema, name));
    if (merged === current) continue;
    result ??= { ...before };
    setKey(result, name, merged);
  }
  return result ?? (isObject(live) ? live : applied);
}

function mergeLists(live: unknown, applied: unknown, list: ListSchema): unknown {
  const before = itemsOf(live);
  const wished = itemsOf(applied);
  if (wished.length === 0) return before.length === 0 ? applied : live;
  const merged = weaveItems(before, wished, list);
  const same = merged.length === before.length && merged.every((item, index) => item === before[index]);
  return same && Array.isArray(live) ? live : merged;
}

/**
 * Merges two lists by element. Live items the configuration does not name keep their place relative to the items both have;
 * items both have come in the configuration's order. Of live items that occur twice, the configuration's replaces all.
 */
function weaveItems(live: readonly unknown[], applied: readonly unknown[], list: ListSchema): unknown[] {
  const liveElements = live.map((item) => elementOfItem(item, list));
  const appliedElements = applied.map((item) => elementOfItem(item, list));
  const liveItems = indexItems(liveElements, live);
  const named = new Set(appliedElements);
  const shared = appliedElements.filter((element) => liveItems.has(element));
  const done = new Set<string>();
  const merged: unknown[] = [];
  let nextShared = 0;
  let left = 0;
  let right = 0;

  const takeApplied = (): void => {
    const element = appliedElements[right]!;
    merged.push(mergeValues(liveItems.get(element), applied[right], itemSchemaOf(list)));
    done.add(element);
    if (shared[nextShared] === element) nextShared++;
    right++;
  };

  while (left < live.length || right < applied.length) {
    const element = liveElements[left];
    if (element !== undefined && right < applied.length) {
      if (element === appliedElements[right]) {
        takeApplied();
        left++;
        continue;
      }
      if (named.has(element) && nextShared < shared.length && shared[nextShared] !== element) {
        // Both have it, but its turn comes later in the configuration.
        left++;
        continue;
      }
    }
    if (element !== undefined && !named.has(element)) {
      merged.push(live[left++]);
      continue;
    }
    if (element !== undefined && done.has(element)) left++;
    if (right < applied.length) takeApplied();
  }
  return merged;
}

/** Items by element; null for one that occurs twice, which is not merged but replaced. */
function indexItems(elements: readonly string[], items: readonly unknown[]): Map<string, unknown> {
  const index = new Map<string, unknown>();
  for (const [place, element] of elements.entries()) index.set(element, index.has(element) ? null : items[place]);
  return index;
}
