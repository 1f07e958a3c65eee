// The rules of lists that are sets or maps, in the schemas of CustomResourceDefinitions.

import { child, entry, type FieldError, forbiddenField, invalid, notSupported, required } from "../../field-error.ts";
import { itemsOf, type JsonSchema } from "../../structural/json-schema.ts";

/** A set of values that are not owned as a whole. */
export function isNonAtomicSet(schema: JsonSchema): boolean {
  const items = itemsOf(schema);
  if (schema["x-kubernetes-list-type"] !== "set" || !items) return false;
  if (items.type === "array") return (items["x-kubernetes-list-type"] ?? "atomic") !== "atomic";
  return items.type === "object" && items["x-kubernetes-map-type"] !== "atomic";
}

export function isInvalidListKeys(schema: JsonSchema): boolean {
  return validateListKeys(schema, "").length > 0;
}

/** Items and their keys must be there: neither may be null, and a key is required or has a default. */
export function validateListKeys(schema: JsonSchema, path: string): FieldError[] {
  const type = schema["x-kubernetes-list-type"];
  const items = itemsOf(schema);
  if (!items || (type !== "set" && type !== "map")) return [];
  const errors: FieldError[] = [];
  const at = child(path, "items");
  if (items.nullable) {
    errors.push(forbiddenField(child(at, "nullable"), `cannot be nullable when x-kubernetes-list-type is ${type}`));
  }
  if (type === "set") return errors;
  for (const key of schema["x-kubernetes-list-map-keys"] ?? []) {
    const property = items.properties?.[key];
    if (!property) continue;
    const field = entry(child(at, "properties"), key);
    const reason = "this property is in x-kubernetes-list-map-keys, so it";
    if (!items.required?.includes(key) && property.default === undefined) {
      errors.push(required(child(field, "default"), `${reason} must have a default or be a required property`));
    }
    if (property.nullable) errors.push(forbiddenField(child(field, "nullable"), `${reason} cannot be nullable`));
  }
  return errors;
}

export function validateMapType(schema: JsonSchema, path: string): FieldError[] {
  const type = schema["x-kubernetes-map-type"];
  if (type === undefined) return [];
  const errors = checkType(schema, "object", "x-kubernetes-map-type", path);
  const supported = ["atomic", "granular"];
  if (!supported.includes(type)) errors.push(notSupported(child(path, "x-kubernetes-map-type"), type, supported));
  return errors;
}

function checkType(schema: JsonSchema, wanted: string, keyword: string, path: string): FieldError[] {
  if (schema.type === wanted) return [];
  const why = `must be ${wanted} if ${keyword} is specified`;
  const at = child(path, "type");
  return [schema.type ? invalid(at, schema.type, why) : required(at, why)];
}

export function validateListType(schema: JsonSchema, path: string, requireAtomicSets: boolean): FieldError[] {
  const type = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const at = child(path, "x-kubernetes-list-type");
  const errors: FieldError[] = [];
  if (type !== undefined) {
    errors.push(...checkType(schema, "array", "x-kubernetes-list-type", path));
    if (errors.length === 0 && requireAtomicSets && isNonAtomicSet(schema)) errors.push(nonAtomicSet(schema, path));
    const supported = ["atomic", "set", "map"];
    if (!supported.includes(type)) errors.push(notSupported(at, type, supported));
  }
  if (keys.length > 0 && type !== "map") {
    const why = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(type === undefined ? required(at, why) : invalid(at, type, why));
  }
  if (type === "map") errors.push(...validateMapList(schema, keys, path));
  return errors;
}

function nonAtomicSet(schema: JsonSchema, path: string): FieldError {
  const items = itemsOf(schema)!;
  const keyword = items.type === "array" ? "x-kubernetes-list-type" : "x-kubernetes-map-type";
  const why = "must be atomic as item of a list with x-kubernetes-list-type=set";
  return invalid(child(path, "items", keyword), items["x-kubernetes-list-type"], why);
}

function validateMapList(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = child(path, "x-kubernetes-list-map-keys");
  if (keys.length === 0) errors.push(required(at, "must not be empty if x-kubernetes-list-type is map"));
  const itemsPath = child(path, "items");
  if (schema.items === undefined) {
    errors.push(required(itemsPath, "must have a schema if x-kubernetes-list-type is map"));
  }
  const items = itemsOf(schema);
  if (!items) return errors;
  if (items.type !== "object") {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(child(itemsPath, "type"), items.type ?? "", why));
    return errors;
  }
  for (const [index, key] of keys.entries()) {
    const property = items.properties?.[key];
    if (!property) errors.push(invalid(at, keys, "entries must all be names of item properties"));
    else if (property.type === "array" || property.type === "object") {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(child(entry(child(itemsPath, "properties"), key), "type"), items.type, why));
    }
    if (keys.indexOf(key) < index) errors.push(invalid(at, keys, "must not contain duplicate entries"));
  }
  return errors;
}
