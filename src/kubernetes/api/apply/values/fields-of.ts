// The set of all fields an object has: what an applied configuration claims.

import { isObject, type JsonObject } from "../../patch/json-value.ts";
import type { ListSchema, Schema } from "../../schema.ts";
import { emptySet, type FieldSet, leaf, makeNode } from "../fields/field-set.ts";
import { fieldElement } from "../fields/path-element.ts";
import { tryElementOfItem } from "./list-items.ts";
import {
  fieldSchemaOf,
  isEmptyRecord,
  isNamedField,
  itemSchemaOf,
  itemsOf,
  recordOf,
  shapeOf,
} from "./ownership-shape.ts";

/**
 * Every leaf of an object, every item of its lists, and every entry of its maps. Fields the schema names that hold something
 * are not in the set themselves, only what is below them. Of items that occur twice, only their key is.
 */
export function fieldsOf(object: JsonObject, schema: Schema): FieldSet {
  return nodeOf(object, schema, false) ?? emptySet;
}

function nodeOf(value: unknown, schema: Schema, member: boolean): FieldSet | undefined {
  switch (shapeOf(value, schema)) {
    case "leaf":
      return leaf;
    case "record":
      return recordNode(recordOf(value), schema, member);
    case "items":
      return itemsNode(itemsOf(value), schema as ListSchema, member);
  }
}

function recordNode(record: JsonObject, schema: Schema, member: boolean): FieldSet | undefined {
  const elements: string[] = [];
  const nodes: FieldSet[] = [];
  for (const name in record) {
    const value = record[name];
    if (value === undefined) continue;
    const node = nodeOf(value, fieldSchemaOf(schema, name), isEntry(value, schema, name));
    if (!node) continue;
    elements.push(fieldElement(name));
    nodes.push(node);
  }
  return makeNode(member, elements, nodes);
}

/** Whether a field is in the set itself, whatever it holds. */
function isEntry(value: unknown, schema: Schema, name: string): boolean {
  return value === null || (isObject(value) && isEmptyRecord(value)) || !isNamedField(schema, name);
}

function itemsNode(items: readonly unknown[], list: ListSchema, member: boolean): FieldSet | undefined {
  const byElement = new Map<string, FieldSet>();
  for (const item of items) {
    const element = tryElementOfItem(item, list);
    if (element === undefined) continue;
    const node = byElement.has(element) ? leaf : nodeOf(item, itemSchemaOf(list), true);
    byElement.set(element, node ?? leaf);
  }
  return makeNode(member, [...byElement.keys()], [...byElement.values()]);
}
