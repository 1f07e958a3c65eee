// What an update wrote and what it took away: two objects compared field by field, the way server-side apply owns fields.

import { equalJson, type JsonObject, valueAt } from "../../patch/json-value.ts";
import type { ListSchema, Schema } from "../../schema.ts";
import { emptySet, type FieldSet, leaf, makeNode } from "../fields/field-set.ts";
import { fieldElement } from "../fields/path-element.ts";
import { elementOfItem, haveSameKeys } from "./list-items.ts";
import { fieldSchemaOf, isEmptyRecord, itemSchemaOf, itemsOf, recordOf, shapeOf } from "./ownership-shape.ts";

export interface FieldChanges {
  /** Fields that are new or differ; with a new record or list also everything in it. */
  readonly written: FieldSet;
  /** Fields that are gone; with a record or list also everything that was in it. */
  readonly removed: FieldSet;
}

/** Nothing written, nothing removed. */
export const noChanges: FieldChanges = { written: emptySet, removed: emptySet };

/** Compares two objects. Parts that are the same JavaScript object cost nothing. Throws ListItemError. */
export function compareFields(from: JsonObject, to: JsonObject, schema: Schema): FieldChanges {
  const change = compareValues(from, to, schema);
  return change ? { written: change.written ?? emptySet, removed: change.removed ?? emptySet } : noChanges;
}

/** What changed at one node; undefined for nothing. */
interface Change {
  readonly written: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

const modified: Change = { written: leaf, removed: undefined };

/** undefined stands for a value that is not there. */
function compareValues(from: unknown, to: unknown, schema: Schema): Change | undefined {
  if (from === to) return undefined;
  if (from === undefined) return { written: everything(to, schema, true), removed: undefined };
  if (to === undefined) return { written: undefined, removed: everything(from, schema, true) };
  const shape = shapeOf(to, schema);
  if (shape !== shapeOf(from, schema)) return compareShapes(from, to, schema);
  if (shape === "record") return compareRecords(from, to, schema);
  if (shape === "items") return compareLists(from, to, schema as ListSchema);
  return equalJson(from, to) ? undefined : modified;
}

/** Where anything may stand, a record came or went: the field is another, and so is all that was or is below it. */
function compareShapes(from: unknown, to: unknown, schema: Schema): Change {
  const gone = everything(recordOf(from), schema, false);
  const come = everything(recordOf(to), schema, true);
  return {
    written: shapeOf(to, schema) === "record" && come ? come : leaf,
    removed: shapeOf(from, schema) === "record" && !isEmptyRecord(recordOf(from)) ? gone : undefined,
  };
}

function compareRecords(from: unknown, to: unknown, schema: Schema): Change | undefined {
  const before = recordOf(from);
  const after = recordOf(to);
  if (isEmptyRecord(before) && isEmptyRecord(after)) return equalJson(from, to) ? undefined : modified;
  const changes = new ChangeBuilder();
  for (const name in after) {
    const value = after[name];
    if (value === undefined) continue;
    const change = compareValues(valueAt(before, name), value, fieldSchemaOf(schema, name));
    if (change) changes.add(fieldElement(name), change);
  }
  for (const name in before) {
    if (before[name] === undefined || valueAt(after, name) !== undefined) continue;
    const gone = everything(before[name], fieldSchemaOf(schema, name), true);
    changes.add(fieldElement(name), { written: undefined, removed: gone });
  }
  return changes.build();
}

function compareLists(from: unknown, to: unknown, list: ListSchema): Change | undefined {
  const before = itemsOf(from);
  const after = itemsOf(to);
  if (before.length === 0 && after.length === 0) return equalJson(from, to) ? undefined : modified;
  const changes = compareAligned(before, after, list) ?? compareByElement(before, after, list);
  return changes.build();
}

/**
 * The common case, lists with the same items in the same places: only items that changed get their element spelt. Undefined
 * where that is not so, or where an item that changed occurs twice.
 */
function compareAligned(
  before: readonly unknown[],
  after: readonly unknown[],
  list: ListSchema,
): ChangeBuilder | undefined {
  if (before.length !== after.length) return undefined;
  const changes = new ChangeBuilder();
  for (const [index, item] of after.entries()) {
    const old = before[index];
    if (old === item) continue;
    if (!haveSameKeys(old, item, list)) return undefined;
    const change = compareValues(old, item, itemSchemaOf(list));
    if (!change) continue;
    if (after.some((other, place) => place !== index && haveSameKeys(other, item, list))) return undefined;
    changes.add(elementOfItem(item, list), change);
  }
  return changes;
}

/** Lists whose items moved, came or went; items that occur twice count as one, owned as a whole. */
function compareByElement(before: readonly unknown[], after: readonly unknown[], list: ListSchema): ChangeBuilder {
  const old = groupByElement(before, list);
  const changes = new ChangeBuilder();
  for (const [element, items] of groupByElement(after, list)) {
    const change = compareOccurrences(old.get(element) ?? [], items, itemSchemaOf(list));
    if (change) changes.add(element, change);
    old.delete(element);
  }
  for (const [element, items] of old) {
    const change = compareOccurrences(items, [], itemSchemaOf(list));
    if (change) changes.add(element, change);
  }
  return changes;
}

function groupByElement(items: readonly unknown[], list: ListSchema): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const element = elementOfItem(item, list);
    const group = groups.get(element);
    if (group) group.push(item);
    else groups.set(element, [item]);
  }
  return groups;
}

/** One element's items before and after. */
function compareOccurrences(before: unknown[], after: unknown[], schema: Schema): Change | undefined {
  const [old] = before;
  const [now] = after;
  if (before.length <= 1 && after.length <= 1) return compareValues(old, now, schema);
  if (before.length > 1 && after.length > 1) return equalJson(before, after) ? undefined : modified;
  if (before.length > 1) {
    return { written: now === undefined ? undefined : everything(now, schema, true), removed: leaf };
  }
  return { written: leaf, removed: old === undefined ? undefined : everything(old, schema, true) };
}

/** A value with all that is in it, as one that came or went; `member`: whether its own field is in the set. */
function everything(value: unknown, schema: Schema, member: boolean): FieldSet | undefined {
  switch (shapeOf(value, schema)) {
    case "leaf":
      return member ? leaf : undefined;
    case "record":
      return everyField(recordOf(value), schema, member);
    case "items":
      return everyItem(itemsOf(value), schema as ListSchema, member);
  }
}

function everyField(record: JsonObject, schema: Schema, member: boolean): FieldSet | undefined {
  const elements: string[] = [];
  const nodes: FieldSet[] = [];
  for (const name in record) {
    if (record[name] === undefined) continue;
    elements.push(fieldElement(name));
    nodes.push(everything(record[name], fieldSchemaOf(schema, name), true) ?? leaf);
  }
  return makeNode(member, elements, nodes);
}

function everyItem(items: readonly unknown[], list: ListSchema, member: boolean): FieldSet | undefined {
  const byElement = new Map<string, FieldSet>();
  for (const item of items) {
    const element = elementOfItem(item, list);
    const node = byElement.has(element) ? leaf : everything(item, itemSchemaOf(list), true);
    byElement.set(element, node ?? leaf);
  }
  return makeNode(member, [...byElement.keys()], [...byElement.values()]);
}

/** Gathers the changes below one node. */
class ChangeBuilder {
  readonly #writtenElements: string[] = [];
  readonly #written: FieldSet[] = [];
  readonly #removedElements: string[] = [];
  readonly #removed: FieldSet[] = [];

  add(element: string, change: Change): void {
    if (change.written) {
      this.#writtenElements.push(element);
      this.#written.push(change.written);
    }
    if (change.removed) {
      this.#removedElements.push(element);
      this.#removed.push(change.removed);
    }
  }

  build(): Change | undefined {
    if (this.#written.length === 0 && this.#removed.length === 0) return undefined;
    return {
      written: makeNode(false, this.#writtenElements, this.#written),
      removed: makeNode(false, this.#removedElements, this.#removed),
    };
  }
}
