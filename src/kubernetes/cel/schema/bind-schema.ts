// Reads JSON by a schema: for every schema a function that makes a value of what lies there, made once and when first needed.

import { deepEqual, goTypeOf } from "#kubernetes/api";
import { types } from "../values/type.ts";
import { CelError, type CelOpaque, type CelValue } from "../values/value.ts";
import type { JsonObject } from "./json-values.ts";
import { toJson } from "./json-values.ts";
import { additionalOf, itemsOf, type OpenApiSchema, propertyOf, withTypeAndMetadata } from "./open-api.ts";
import { type MapShape, SchemaList, SchemaMap, SchemaMapList, SchemaSet, type ToValue } from "./schema-values.ts";
import { readFormatted } from "./string-formats.ts";

const readers = new WeakMap<OpenApiSchema, ToValue>();

/** How values of this schema are read. */
export function bindSchema(schema: OpenApiSchema): ToValue {
  let reader = readers.get(schema);
  if (!reader) {
    reader = nullAware(schema, makeReader(schema));
    readers.set(schema, reader);
  }
  return reader;
}

const NOT_NULLABLE = new CelError("invalid data, got null for schema with nullable=false");

function nullAware({ nullable }: OpenApiSchema, read: ToValue): ToValue {
  return (json) => {
    if (json === null || json === undefined) return nullable ? null : NOT_NULLABLE;
    return read(json);
  };
}

function makeReader(schema: OpenApiSchema): ToValue {
  if (schema["x-kubernetes-int-or-string"]) return readIntOrString;
  switch (schema.type) {
    case "object":
      return readObject(schema);
    case "array":
      return readArray(schema);
    case "string":
      return (json) => (typeof json === "string" ? readFormatted(json, schema.format) : unexpected("string", json));
    case "number":
      return (json) => (isNumeric(json) ? Number(json) : unexpected("float", json));
    case "integer":
      return (json) => readInteger(json) ?? unexpected("int", json);
    case "boolean":
      return (json) => (typeof json === "boolean" ? json : unexpected("bool", json));
    default:
      return schema["x-kubernetes-preserve-unknown-fields"] ? preserve : () => noType(schema);
  }
}

function unexpected(type: string, json: unknown): CelError {
  return new CelError(`invalid data, expected ${type}, got ${goTypeOf(json)}`);
}

function noType({ type = "" }: OpenApiSchema): CelError {
  return new CelError(
    "invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string " +
      `or x-kubernetes-preserve-unknown-fields is true, got ${type}`,
  );
}

function isNumeric(json: unknown): json is number | bigint {
  return typeof json === "number" || typeof json === "bigint";
}

function readInteger(json: unknown): bigint | undefined {
  if (typeof json === "bigint") return json;
  return typeof json === "number" && Number.isInteger(json) ? BigInt(json) : undefined;
}

const NEITHER = new CelError("invalid data, expected XIntOrString value to be either a string or integer");

function readIntOrString(json: unknown): CelValue {
  return typeof json === "string" ? json : (readInteger(json) ?? NEITHER);
}

const NO_MAP = new CelError("invalid data, expected a map for the provided schema with type=object");

function readObject(given: OpenApiSchema): ToValue {
  const schema = given["x-kubernetes-embedded-resource"] ? withTypeAndMetadata(given) : given;
  const shape = shapeOf(schema);
  return (json) =>
    typeof json === "object" && json !== null && !Array.isArray(json)
      ? new SchemaMap(json as JsonObject, shape)
      : NO_MAP;
}

function shapeOf(schema: OpenApiSchema): MapShape {
  if (schema.properties !== undefined) {
    return {
      isObject: true,
      valueOf: (key) => {
        const property = propertyOf(schema, key);
        return property && bindSchema(property);
      },
    };
  }
  const additional = additionalOf(schema);
  return { isObject: false, valueOf: () => additional && bindSchema(additional) };
}

const NO_LIST = new CelError("invalid data, expected an array for the provided schema with type=array");
const NO_ITEMS = new CelError("invalid array type, expected Items with a non-empty Schema");

function readArray(schema: OpenApiSchema): ToValue {
  const items = itemsOf(schema);
  const make = items && listMaker(schema, items);
  return (json) => {
    if (!Array.isArray(json)) return NO_LIST;
    return make ? make(json) : NO_ITEMS;
  };
}

function listMaker(schema: OpenApiSchema, items: OpenApiSchema): (json: readonly unknown[]) => CelValue {
  const toValue: ToValue = (json) => bindSchema(items)(json);
  const listType = schema["x-kubernetes-list-type"] ?? "atomic";
  switch (listType) {
    case "set":
      return (json) => new SchemaSet(json, toValue);
    case "map":
      return (json) => new SchemaMapList(json, toValue, schema["x-kubernetes-list-map-keys"] ?? []);
    case "atomic":
      return (json) => new SchemaList(json, toValue);
    default: {
      const why = `invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got ${listType}`;
      return () => new CelError(why);
    }
  }
}

/** Data without a type: it can only be compared. */
class Preserved implements CelOpaque {
  readonly kind = "opaque";
  readonly type = types.dyn;
  readonly raw: unknown;

  constructor(raw: unknown) {
    this.raw = raw;
  }

  equal(other: CelValue): CelValue {
    return deepEqual(this.raw, toJson(other));
  }
}

function preserve(json: unknown): CelValue {
  return new Preserved(json);
}
