// The type an OpenAPI schema declares. What has no type, or only an unknown one, is not to be seen by expressions.

import { types } from "../values/type.ts";
import { type DeclaredType, declaredList, declaredMap, declaredObject, simpleType } from "./declared-type.ts";
import { escapeName } from "./escape.ts";
import { additionalOf, itemsOf, type OpenApiSchema, withTypeAndMetadata } from "./open-api.ts";

/** The largest request there is, and so the largest value. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
/** Quotes around a string, brackets around a list. */
const DELIMITERS = 2;
const MAX_STRING_LENGTH = MAX_REQUEST_BYTES - DELIMITERS;
const MAX_DURATION_LENGTH = 32;
const MAX_DATETIME_LENGTH = 32;
const MIN_DURATION_SIZE = 3;
const DATE_SIZE = 12;
const MIN_DATETIME_SIZE = 21;
const MIN_STRING_SIZE = 2;

const declaredBool = simpleType(types.bool, 4);
const declaredDouble = simpleType(types.double, 1);
const declaredInt = simpleType(types.int, 1);

/** undefined where expressions must not see the value. `isResource`: the root of one, which has apiVersion, kind and metadata. */
export function declareSchema(given: OpenApiSchema, isResource: boolean): DeclaredType | undefined {
  if (given["x-kubernetes-int-or-string"]) {
    const longest = given.maxLength === undefined ? MAX_STRING_LENGTH : bytesOf(given.maxLength);
    return simpleType(types.dyn, 1, longest);
  }
  const schema = isResource ? withTypeAndMetadata(given) : given;
  switch (schema.type) {
    case "array":
      return declareArray(schema);
    case "object":
      return declareObject(schema);
    case "string":
      return declareString(schema);
    case "boolean":
      return declaredBool;
    case "number":
      return declaredDouble;
    case "integer":
      return declaredInt;
    default:
      return undefined;
  }
}

function declarePart(schema: OpenApiSchema): DeclaredType | undefined {
  return declareSchema(schema, schema["x-kubernetes-embedded-resource"] === true);
}

function declareArray(schema: OpenApiSchema): DeclaredType | undefined {
  const itemSchema = itemsOf(schema);
  const items = itemSchema && declarePart(itemSchema);
  if (!items) return undefined;
  const most = Math.floor((MAX_REQUEST_BYTES - DELIMITERS) / (items.minSize + 1));
  return declaredList(items, atLeastZero(schema.maxItems) ?? most);
}

function declareObject(schema: OpenApiSchema): DeclaredType | undefined {
  const additional = additionalOf(schema);
  if (additional) {
    const values = declarePart(additional);
    if (!values) return undefined;
    // The shortest key, quotes, colon and comma.
    const most = Math.floor((MAX_REQUEST_BYTES - DELIMITERS) / (values.minSize + 6));
    return declaredMap(values, atLeastZero(schema.maxProperties) ?? most);
  }
  const fields = new Map<string, DeclaredType>();
  const required = new Set(schema.required);
  let minSize = DELIMITERS;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = declarePart(property);
    if (!type) continue;
    const escaped = escapeName(name);
    if (escaped !== undefined) fields.set(escaped, type);
    if (required.has(name) && property.default == null) minSize += Buffer.byteLength(name) + type.minSize + 4;
  }
  return declaredObject(fields, minSize);
}

function declareString({ format, maxLength, enum: allowed = [] }: OpenApiSchema): DeclaredType {
  switch (format) {
    case "byte":
      return simpleType(types.bytes, MIN_STRING_SIZE, atLeastZero(maxLength) ?? MAX_STRING_LENGTH);
    case "duration":
      return simpleType(types.duration, MIN_DURATION_SIZE, MAX_DURATION_LENGTH);
    case "date":
      return simpleType(types.timestamp, DATE_SIZE, DATE_SIZE);
    case "date-time":
      return simpleType(types.timestamp, MIN_DATETIME_SIZE, MAX_DATETIME_LENGTH);
  }
  const longest = allowed.length > 0 ? longestOf(allowed) : MAX_STRING_LENGTH;
  return simpleType(types.string, MIN_STRING_SIZE, maxLength === undefined ? longest : bytesOf(maxLength));
}

function longestOf(values: readonly unknown[]): number {
  return Math.max(...values.map((value) => (typeof value === "string" ? Buffer.byteLength(value) : 0)));
}

/** A length counts code points, of up to four bytes each. */
function bytesOf(length: number): number {
  return Math.max(0, length) * 4;
}

function atLeastZero(limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : Math.max(0, limit);
}
