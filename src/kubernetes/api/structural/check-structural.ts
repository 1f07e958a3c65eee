// Whether a schema is structural: it says of every field what it is outside of value validation (allOf, anyOf, oneOf, not), so
// that pruning, defaulting and server-side apply know what they deal with.

import {
  child,
  describeFieldError,
  entry,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  required,
} from "../field-error.ts";
import { deepEqual } from "../kinds/values/semantic-equal.ts";
import { compilePattern } from "../regular-expression.ts";
import { additionalOf, itemsOf, type JsonSchema } from "./json-schema.ts";

/** What keeps a schema from being made a structural one at all; such schemas are refused for it by other checks. */
export function findUnsupported(schema: JsonSchema | undefined): string | undefined {
  if (!schema) return undefined;
  const own = unsupportedKeyword(schema);
  if (own !== undefined) return own;
  const { not, items } = schema;
  const nested = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), not];
  const inside = firstDefined(nested);
  if (inside !== undefined) return inside;
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (Array.isArray(items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  return firstDefined([itemsOf(schema), ...Object.values(schema.properties ?? {}), additionalOf(schema)]);
}

function firstDefined(schemas: readonly (JsonSchema | undefined)[]): string | undefined {
  for (const schema of schemas) {
    const problem = findUnsupported(schema);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function unsupportedKeyword(schema: JsonSchema): string | undefined {
  const found = (
    ["id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"] as const
  )
    .filter((keyword) => (keyword === "additionalItems" ? schema[keyword] !== undefined : isSet(schema[keyword])))
    .map((keyword) => (keyword === "$schema" ? "schema" : keyword));
  return found[0] === undefined ? undefined : `OpenAPIV3Schema '${found[0]}' is not supported`;
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** Everything that keeps a schema from being structural, sorted. */
export function validateStructural(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  checkSchema(schema, "root", path, errors);
  checkCompleteness(schema, schema, path, path, errors);
  return errors
    .map((error) => [describeFieldError(error), error] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, error]) => error);
}

type Level = "root" | "item" | "field";

const emptyTypes: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function checkSchema(schema: JsonSchema, level: Level, path: string, errors: FieldError[]): void {
  const { properties = {} } = schema;
  const items = itemsOf(schema);
  if (schema.type === "array" && !items) errors.push(required(child(path, "items"), "must be specified"));
  if (items) checkSchema(items, "item", child(path, "items"), errors);
  for (const [name, property] of Object.entries(properties)) {
    checkSchema(property, "field", entry(child(path, "properties"), name), errors);
  }
  if (schema.additionalProperties !== undefined) {
    const at = child(path, "additionalProperties");
    if (level === "root") errors.push(forbiddenField(at, "must not be used at the root"));
    const additional = additionalOf(schema);
    if (additional) checkSchema(additional, "field", at, errors);
  }
  checkExtensions(schema, path, errors);
  checkValueValidation(schema, level, path, errors, skippedPatterns(schema));
  checkOwnType(schema, level, path, errors);
  checkResourceFields(schema, level, path, errors);
}

function checkExtensions(schema: JsonSchema, path: string, errors: FieldError[]): void {
  if (!schema["x-kubernetes-int-or-string"]) return;
  for (const name of ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const) {
    if (schema[name])
      errors.push(invalid(child(path, name), true, "must be false if x-kubernetes-int-or-string is true"));
  }
}

function checkOwnType(schema: JsonSchema, level: Level, path: string, errors: FieldError[]): void {
  const { type = "" } = schema;
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
  const at = child(path, "type");
  if (isEmbedded && type !== "object") {
    const why = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? required(at, why) : invalid(at, type, why));
  } else if (type === "" && !schema["x-kubernetes-int-or-string"] && !schema["x-kubernetes-preserve-unknown-fields"]) {
    errors.push(required(at, emptyTypes[level]));
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    const why = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(forbiddenField(child(path, "additionalProperties"), why));
  }
  if (level === "root" && type !== "" && type !== "object")
    errors.push(invalid(at, type, "must be object at the root"));
}

function checkResourceFields(schema: JsonSchema, level: Level, path: string, errors: FieldError[]): void {
  const { properties = {} } = schema;
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
  const isResource = level === "root" || isEmbedded;
  const at = child(path, "properties");
  for (const name of ["kind", "apiVersion"]) {
    const property = properties[name];
    if (property && isResource && property.type !== "string") {
      errors.push(invalid(child(entry(at, name), "type"), property.type ?? "", "must be string"));
    }
  }
  const { metadata } = properties;
  if (metadata) checkMetadata(metadata, isResource, level, entry(at, "metadata"), errors);
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (isEmbedded && !keepsUnknown && Object.keys(properties).length === 0) {
    const why =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(at, why));
  }
}

/** A schema may only restrict an object's name. */
function checkMetadata(
  schema: JsonSchema,
  isResource: boolean,
  level: Level,
  path: string,
  errors: FieldError[],
): void {
  if (isResource && schema.type !== "object")
    errors.push(invalid(child(path, "type"), schema.type ?? "", "must be object"));
  if (level !== "root") return;
  const { type: _type, default: _default, properties = {}, ...others } = schema;
  const isOther = Object.keys(properties).some((name) => name !== "name" && name !== "generateName");
  if (!isOther && Object.keys(others).length === 0) return;
  const why = "must not specify anything other than name and generateName, but metadata is implicitly specified";
  errors.push(forbiddenField(path, why));
}

interface Skipped {
  readonly anyOf: boolean;
  readonly anyOfInFirst: boolean;
}

const intOrString: readonly JsonSchema[] = [{ type: "integer" }, { type: "string" }];

/** An int-or-string may name its two types where nothing else may. */
function skippedPatterns({ anyOf, allOf }: JsonSchema): Skipped {
  return { anyOf: deepEqual(anyOf, intOrString), anyOfInFirst: deepEqual(allOf?.[0]?.anyOf, intOrString) };
}

const nothingSkipped: Skipped = { anyOf: false, anyOfInFirst: false };

function checkValueValidation(
  schema: JsonSchema,
  level: Level,
  path: string,
  errors: FieldError[],
  skipped: Skipped,
): void {
  const nested = (list: readonly JsonSchema[] | undefined, name: string, inFirst: Skipped = nothingSkipped) => {
    for (const [index, each] of (list ?? []).entries()) {
      checkNested(each, level, item(child(path, name), index), errors, index === 0 ? inFirst : nothingSkipped);
    }
  };
  if (!skipped.anyOf) nested(schema.anyOf, "anyOf");
  nested(schema.allOf, "allOf", { anyOf: skipped.anyOfInFirst, anyOfInFirst: false });
  nested(schema.oneOf, "oneOf");
  if (schema.not) checkNested(schema.not, level, child(path, "not"), errors, nothingSkipped);
  if (!schema.pattern) return;
  const { problem } = compilePattern(schema.pattern);
  if (problem === undefined) return;
  const why = `must be a valid regular expression, but isn't: ${problem}`;
  errors.push(invalid(child(path, "pattern"), schema.pattern, why));
}

const forbiddenInside = [
  ["type", "must be empty to be structural"],
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
] as const;

function checkNested(schema: JsonSchema, level: Level, path: string, errors: FieldError[], skipped: Skipped): void {
  checkValueValidation(schema, level, path, errors, skipped);
  const items = itemsOf(schema);
  if (items) checkNested(items, level, child(path, "items"), errors, nothingSkipped);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkNested(property, "field", entry(child(path, "properties"), name), errors, nothingSkipped);
  }
  for (const [keyword, why] of forbiddenInside) {
    if (schema[keyword] !== undefined && schema[keyword] !== false) {
      errors.push(forbiddenField(child(path, keyword), why));
    }
  }
  if (schema.properties?.["metadata"]) {
    const at = entry(child(path, "properties"), "metadata");
    errors.push(forbiddenField(at, "must not be specified in a nested context"));
  }
}

/** What value validation speaks of must be declared outside of it. */
function checkCompleteness(
  validation: JsonSchema,
  schema: JsonSchema | undefined,
  path: string,
  from: string,
  errors: FieldError[],
): void {
  const nested: [string, JsonSchema][] = [];
  if (validation.not) nested.push([child(from, "not"), validation.not]);
  for (const name of ["allOf", "anyOf", "oneOf"] as const) {
    for (const [index, each] of (validation[name] ?? []).entries()) nested.push([item(child(from, name), index), each]);
  }
  for (const [at, each] of nested) checkNestedCompleteness(each, schema, path, at, errors);
}

function checkNestedCompleteness(
  validation: JsonSchema,
  schema: JsonSchema | undefined,
  path: string,
  from: string,
  errors: FieldError[],
): void {
  if (!schema) {
    errors.push(required(path, `because it is defined in ${from}`));
    return;
  }
  checkCompleteness(validation, schema, path, from, errors);
  const items = itemsOf(validation);
  if (items) checkNestedCompleteness(items, itemsOf(schema), child(path, "items"), child(from, "items"), errors);
  for (const [name, property] of Object.entries(validation.properties ?? {})) {
    const at = entry(child(path, "properties"), name);
    const seen = entry(child(from, "properties"), name);
    checkNestedCompleteness(property, schema.properties?.[name], at, seen, errors);
  }
}
