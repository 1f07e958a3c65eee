// Lists that are sets or maps (x-kubernetes-list-type): no item, or no key, occurs twice.

import { child, duplicate, entry, type FieldError, invalid, item } from "../field-error.ts";
import { additionalOf, isRecord, itemsOf, type JsonSchema, propertyOf } from "./json-schema.ts";

/** Every second occurrence in a set or a map list, at any depth; what occurs more often is told once. */
export function validateListTypes(value: unknown, schema: JsonSchema | undefined, path = ""): FieldError[] {
  const errors: FieldError[] = [];
  if (schema) visit(value, schema, path, errors);
  return errors;
}

function visit(value: unknown, schema: JsonSchema, path: string, errors: FieldError[]): void {
  if (typeof value !== "object" || value === null) return;
  if (!isRecord(value)) {
    visitList(value as unknown[], schema, path, errors);
    return;
  }
  const additional = additionalOf(schema);
  if (!schema.properties && !additional) return;
  for (const key of Object.keys(value)) {
    const property = propertyOf(schema, key);
    if (property) visit(value[key], property, child(path, key), errors);
    else if (additional) visit(value[key], additional, entry(path, key), errors);
  }
}

function visitList(list: readonly unknown[], schema: JsonSchema, path: string, errors: FieldError[]): void {
  const type = schema["x-kubernetes-list-type"];
  if (type === "set") {
    for (const index of secondOccurrences(list)) errors.push(duplicate(item(path, index), sortKeys(list[index])));
  } else if (type === "map") {
    errors.push(...checkMapList(list, schema["x-kubernetes-list-map-keys"] ?? [], path));
  }
  const items = itemsOf(schema);
  if (items) for (const [index, each] of list.entries()) visit(each, items, item(path, index), errors);
}

function checkMapList(list: readonly unknown[], keyNames: readonly string[], path: string): FieldError[] {
  const stranger = list.findIndex((each) => each !== null && !isRecord(each));
  if (stranger >= 0) {
    return [invalid(item(path, stranger), list[stranger], "must be an object for an array of list-type map")];
  }
  const keys = list.map((each) => keyOf((each ?? {}) as Record<string, unknown>, keyNames));
  return secondOccurrences(keys).map((index) => duplicate(item(path, index), sortKeys(keys[index])));
}

function keyOf(record: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(record, name)).map((name) => [name, record[name]]));
}

function secondOccurrences(values: readonly unknown[]): number[] {
  if (values.length < 2) return [];
  const times = new Map<string, number>();
  const found: number[] = [];
  for (const [index, value] of values.entries()) {
    const text = identityOf(value);
    const before = times.get(text) ?? 0;
    if (before === 1) found.push(index);
    times.set(text, before + 1);
  }
  return found;
}

function identityOf(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  return typeof value === "object" && value !== null
    ? JSON.stringify(sortKeys(value), bigintsAsText)
    : JSON.stringify(value);
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

/** Go's JSON has the keys of maps in order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sortKeys(value[name])]));
}
