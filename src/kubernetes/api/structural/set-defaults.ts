// Defaults of a structural schema, set in place; and nulls, which mean "absent" wherever the schema does not allow them.

import { additionalOf, isRecord, itemsOf, type JsonSchema, propertyOf, setOwn } from "./json-schema.ts";

/** Sets what is absent, or null against the schema, to its default; defaults themselves are filled up too. */
export function setSchemaDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (!schema || typeof value !== "object" || value === null) return;
  if (isRecord(value)) defaultRecord(value, schema);
  else defaultItems(value as unknown[], itemsOf(schema));
}

function defaultRecord(record: Record<string, unknown>, schema: JsonSchema): void {
  const { properties } = schema;
  for (const key in properties) {
    const property = properties[key]!;
    if (property.default === undefined) continue;
    const isMissing = !Object.hasOwn(record, key) || isNullAgainst(record[key], property);
    if (isMissing) setOwn(record, key, structuredClone(property.default));
  }
  const additional = additionalOf(schema);
  if (!properties && !additional) return;
  for (const key in record) {
    const property = propertyOf(schema, key);
    if (property) setSchemaDefaults(record[key], property);
    else if (additional) {
      if (isNullAgainst(record[key], additional)) setOwn(record, key, defaultOf(additional));
      setSchemaDefaults(record[key], additional);
    }
  }
}

function defaultItems(items: unknown[], schema: JsonSchema | undefined): void {
  if (!schema) return;
  for (let index = 0; index < items.length; index++) {
    if (isNullAgainst(items[index], schema)) items[index] = defaultOf(schema);
    setSchemaDefaults(items[index], schema);
  }
}

function defaultOf(schema: JsonSchema): unknown {
  return schema.default === undefined ? null : structuredClone(schema.default);
}

function isNullAgainst(value: unknown, schema: JsonSchema): boolean {
  return value === null && !schema.nullable;
}

/** Drops nulls of fields that can neither be null nor have a default. */
export function dropNulls(value: unknown, schema: JsonSchema | undefined): void {
  if (typeof value !== "object" || value === null) return;
  if (!isRecord(value)) {
    const items = schema && itemsOf(schema);
    for (const item of value as unknown[]) dropNulls(item, items);
    return;
  }
  for (const key of Object.keys(value)) {
    const field = schema && (propertyOf(schema, key) ?? additionalOf(schema));
    if (value[key] !== null) dropNulls(value[key], field);
    else if (field && !field.nullable && field.default === undefined) delete value[key];
  }
}
