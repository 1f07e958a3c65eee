// An object without some of its fields and items.

import { isObject, type JsonObject, setKey } from "../../patch/json-value.ts";
import type { ListSchema, Schema } from "../../schema.ts";
import { type FieldSet, hasChildren, isMember } from "../fields/field-set.ts";
import { fieldElement } from "../fields/path-element.ts";
import { tryElementOfItem } from "./list-items.ts";
import { fieldSchemaOf, itemSchemaOf, recordOf, shapeOf } from "./ownership-shape.ts";

/**
 * The object without the fields of the set, and without all below them. A record or list that loses what was in it stays,
 * empty. The object is not changed; what stays whole is shared with it.
 */
export function removeFields(object: JsonObject, fields: FieldSet, schema: Schema): JsonObject {
  return recordOf(withoutFields(object, fields, schema));
}

/** The value after removal; empty where the set reaches into something owned as a whole. */
function withoutFields(value: unknown, fields: FieldSet, schema: Schema): unknown {
  const shape = shapeOf(value, schema);
  if (shape === "record" && isObject(value)) return withoutFieldsOfRecord(value, fields, schema);
  if (shape === "items" && Array.isArray(value)) return withoutItems(value, fields, schema as ListSchema);
  if (Array.isArray(value)) return [];
  return isObject(value) ? {} : value;
}

function withoutFieldsOfRecord(record: JsonObject, fields: FieldSet, schema: Schema): JsonObject {
  let result: { [key: string]: unknown } | undefined;
  for (const name of Object.keys(record)) {
    const node = fields[fieldElement(name)];
    if (!node) continue;
    if (isMember(node)) {
      result ??= { ...record };
      delete result[name];
    } else if (hasChildren(node)) {
      const value = withoutFields(record[name], node, fieldSchemaOf(schema, name));
      if (value === record[name]) continue;
      result ??= { ...record };
      setKey(result, name, value);
    }
  }
  return result ?? record;
}

function withoutItems(items: readonly unknown[], fields: FieldSet, list: ListSchema): readonly unknown[] {
  const kept: unknown[] = [];
  let changed = false;
  for (const item of items) {
    const element = tryElementOfItem(item, list);
    const node = element === undefined ? undefined : fields[element];
    if (node && isMember(node)) {
      changed = true;
      continue;
    }
    const rest = node ? withoutFields(item, node, itemSchemaOf(list)) : item;
    changed ||= rest !== item;
    kept.push(rest);
  }
  return changed ? kept : items;
}
