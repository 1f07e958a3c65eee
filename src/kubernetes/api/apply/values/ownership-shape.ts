// How server-side apply sees a value through its schema: as one leaf, as a record whose fields are owned one by one, or as
// items owned one by one. Where the schema allows anything, the value itself tells.

import { isObject, type JsonObject } from "../../patch/json-value.ts";
import type { AnySchema, ListSchema, ObjectSchema, Schema } from "../../schema.ts";

export type OwnershipShape = "leaf" | "record" | "items";

/** Anything: objects are records of anything, lists and scalars are leaves (structured-merge-diff's "deduced" type). */
export const deduced: AnySchema = { kind: "any", shape: "any", name: "" };

/** The shape a value has here. null has the shape of what it stands for; of anything, a record's. */
export function shapeOf(value: unknown, schema: Schema): OwnershipShape {
  switch (schema.kind) {
    case "object":
    case "map":
      return schema.structure === "atomic" ? "leaf" : "record";
    case "list":
      return schema.structure === "atomic" ? "leaf" : "items";
    case "scalar":
      return "leaf";
    case "any":
      return (isObject(value) || value === null) && !isOpaque(schema) ? "record" : "leaf";
  }
}

/** The schema of a field of a record. */
export function fieldSchemaOf(schema: Schema, name: string): Schema {
  if (schema.kind === "object") return schema.fields.get(name)?.schema ?? deduced;
  return schema.kind === "map" ? schema.values : deduced;
}

/** Whether a record's schema names the field; the keys of maps are not named. */
export function isNamedField(schema: Schema, name: string): boolean {
  return schema.kind === "object" && schema.fields.has(name);
}

/** The schema of a list's items, where the list has the shape of items. */
export function itemSchemaOf(schema: Schema): Schema {
  return schema.kind === "list" ? schema.items : deduced;
}

/** The value as a record: null and what is none count as empty. */
export function recordOf(value: unknown): JsonObject {
  return isObject(value) ? value : noFields;
}

/** The value as items: null and what is none count as empty. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : noItems;
}

export function isEmptyRecord(record: JsonObject): boolean {
  for (const key in record) if (record[key] !== undefined) return false;
  return true;
}

/**
 * The default of a field that identifies items, as OpenAPI publishes it: where Go's zero value of a required string stands
 * for a missing one, "" is that default, which the types table leaves out.
 */
export function keyDefaultOf(list: ListSchema, name: string): unknown {
  if (list.items.kind !== "object") return undefined;
  const field = list.items.fields.get(name);
  if (!field || field.default !== undefined) return field?.default;
  const isText = field.schema.kind === "scalar" && field.schema.type === "string";
  return isText && isBuiltIn(list.items) && (field.required || defaultsToEmpty(list.items)) ? "" : undefined;
}

function isBuiltIn(schema: ObjectSchema): boolean {
  return schema.name.startsWith("io.k8s.");
}

/** The one type whose optional key has an explicit default of "". */
function defaultsToEmpty(schema: ObjectSchema): boolean {
  return schema.name === "io.k8s.api.core.v1.LocalObjectReference";
}

/** Whether whatever stands here is owned as one. An object without declared fields is not, since its shape was never said. */
export function isOwnedWhole(schema: Schema): boolean {
  if (schema.kind === "any") return isOpaque(schema);
  if (schema.kind === "scalar" || (schema.kind === "object" && schema.fields.size === 0)) return false;
  return schema.structure === "atomic";
}

/** RawExtension is owned as a whole, whatever it holds. */
function isOpaque(schema: AnySchema): boolean {
  return schema.name === "io.k8s.apimachinery.pkg.runtime.RawExtension";
}

const noFields: JsonObject = Object.freeze({});
const noItems: readonly unknown[] = Object.freeze([]);
