// The schema of custom resources as CustomResourceDefinitions carry it (JSONSchemaProps), with its parts of many shapes named.

import type { JSONSchemaProps } from "../generated/types.ts";

/** A JSONSchemaProps as decoding leaves it. In a structural one `items` is a schema and `additionalProperties` allow something. */
export interface JsonSchema extends Omit<JSONSchemaProps, "items" | "additionalProperties" | "properties" | Junctor> {
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
}

type Junctor = "allOf" | "anyOf" | "oneOf" | "not";

/** The schema of a field that is declared; inherited names of JavaScript objects are none. */
export function propertyOf<S extends { readonly properties?: Readonly<Record<string, S>> }>(
  schema: S,
  name: string,
): S | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of items; undefined where there is none, or a list of them, which is not structural. */
export function itemsOf<S extends { readonly items?: S | readonly S[] }>({ items }: S): S | undefined {
  return isSchemaList(items) ? undefined : items;
}

function isSchemaList<S>(items: S | readonly S[]): items is readonly S[] {
  return Array.isArray(items);
}

/** The schema of fields that are not declared; undefined where they are of any shape, or forbidden. */
export function additionalOf<S extends { readonly additionalProperties?: S | boolean }>({
  additionalProperties,
}: S): S | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

/** Whether the schema or one anywhere below it has what is asked for. */
export function someSchema(schema: JsonSchema | undefined, matches: (schema: JsonSchema) => boolean): boolean {
  if (schema === undefined) return false;
  if (matches(schema)) return true;
  // Most of what lies below are plain properties: a scalar's schema has nothing below it.
  const { properties } = schema;
  for (const name in properties) if (someSchema(properties[name], matches)) return true;
  return hasOthersBelow(schema) && otherChildrenOf(schema).some((child) => someSchema(child, matches));
}

function hasOthersBelow(schema: JsonSchema): boolean {
  for (const keyword in schema) if (keywordsWithSchemas.has(keyword)) return true;
  return false;
}

const keywordsWithSchemas: ReadonlySet<string> = new Set([
  "items",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "additionalProperties",
  "patternProperties",
  "additionalItems",
  "definitions",
  "dependencies",
]);

/** All schemas right below one, those of forms that are not supported included. */
export function childrenOf(schema: JsonSchema): JsonSchema[] {
  return [...Object.values(schema.properties ?? {}), ...otherChildrenOf(schema)];
}

function otherChildrenOf(schema: JsonSchema): JsonSchema[] {
  const { items, additionalProperties, additionalItems, dependencies, not } = schema;
  const found = [
    ...(isSchemaList(items) ? items : [items]),
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    not,
    additionalProperties,
    ...Object.values((schema.patternProperties ?? {}) as Record<string, JsonSchema>),
    additionalItems,
    ...Object.values((schema.definitions ?? {}) as Record<string, JsonSchema>),
    ...Object.values(dependencies ?? {}),
  ];
  return found.filter((each): each is JsonSchema => typeof each === "object" && each !== null && !Array.isArray(each));
}

/** Fields that every object has and no schema need declare. */
export const typeAndMetadata: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Assigning to "__proto__" would not make a field. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
