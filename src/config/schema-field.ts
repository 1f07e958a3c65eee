// The fields of a configuration as data, read from its JSON Schema: type, default, allowed values, limits, description. What
// `config explain` prints, what a written file is commented with, and what the wizard's questions are asked by.

import { type FieldPath, formatPath } from "./config-problem.ts";
import { didYouMean } from "./did-you-mean.ts";
import { configJsonSchema } from "./json-schema.ts";

export interface SchemaField {
  readonly name: string;
  /** From the top; a list's entries are "[]": "workers[].count". */
  readonly path: string;
  /** In kubectl's way: "string", "[]Object", "map[string]string", "string or number". */
  readonly type: string;
  readonly isRequired: boolean;
  readonly description?: string;
  readonly defaultValue?: unknown;
  /** The only values there may be. */
  readonly allowed?: readonly unknown[];
  /** Other bounds, in words: "at least 1". */
  readonly limits: readonly string[];
  /** What is said about each of them. */
  readonly allowedNotes?: Readonly<Record<string, string>>;
  /** Where the field is there only with some values of the one beside it that tells the options apart. */
  readonly onlyWith?: { readonly field: string; readonly values: readonly string[] };
  /** The fields of an object, or of a list's entries; one by that name for each of its options that differ in it. */
  readonly fields: readonly SchemaField[];
}

/** The part of JSON Schema that zod writes for our configuration. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

let root: SchemaField | undefined;

/** The whole configuration as one field. */
export function configField(): SchemaField {
  root ??= createField("", configJsonSchema() as JsonSchema, { path: "", isRequired: true });
  return root;
}

export type FoundField = { readonly field: SchemaField } | { readonly field?: undefined; readonly problem: string };

/** The field at a path as people write it: "workers.count", "workers[0].count" and "workers[].count" are the same. */
export function findField(path: string): FoundField {
  let field = configField();
  const words = path.split(/[.[\]]+/).filter((word) => word !== "" && !/^\d+$/.test(word));
  for (const word of words) {
    const next = field.fields.find(({ name }) => name === word);
    if (!next) return { problem: describeUnknown(field, word) };
    field = next;
  }
  return { field };
}

/** The same for the path of a value. */
export function fieldOf(path: FieldPath): SchemaField | undefined {
  return findField(formatPath(path)).field;
}

function describeUnknown(parent: SchemaField, word: string): string {
  const place = parent.path === "" ? "the configuration" : parent.path;
  const known = parent.fields.map(({ name }) => name);
  if (known.length === 0) return `${place} is ${parent.type} and has no fields`;
  const guess = didYouMean(word, known);
  return `${place} has no field "${word}"${guess ? `, did you mean "${guess}"?` : `; known here: ${known.join(", ")}`}`;
}

interface Place {
  readonly path: string;
  readonly isRequired: boolean;
  readonly onlyWith?: SchemaField["onlyWith"];
}

function createField(name: string, schema: JsonSchema, { path, isRequired, onlyWith }: Place): SchemaField {
  const inner = schema.items ?? schema;
  const prefix = schema.items ? `${path}[]` : path;
  return {
    name,
    path,
    type: typeOf(schema),
    isRequired,
    ...(schema.description !== undefined && { description: schema.description }),
    ...(schema.default !== undefined && { defaultValue: schema.default }),
    ...allowedOf(schema),
    limits: limitsOf(schema),
    ...(onlyWith !== undefined && { onlyWith }),
    fields: inner.oneOf ? unionFields(inner.oneOf, prefix) : objectFields(inner, prefix),
  };
}

function objectFields(schema: JsonSchema, prefix: string, onlyWith?: SchemaField["onlyWith"]): SchemaField[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) =>
    createField(name, property, {
      path: prefix === "" ? name : `${prefix}.${name}`,
      isRequired: schema.required?.includes(name) ?? false,
      ...(onlyWith !== undefined && { onlyWith }),
    }),
  );
}

/** The field that tells the options apart first, then every field that any of them has, each once. */
function unionFields(options: readonly JsonSchema[], prefix: string): SchemaField[] {
  const [discriminator] =
    Object.entries(options[0]?.properties ?? {}).find(([, { const: only }]) => only !== undefined) ?? [];
  if (discriminator === undefined) return [];
  const fields: SchemaField[] = [];
  const notes: Record<string, string> = {};
  for (const option of options) {
    const value = String(option.properties?.[discriminator]?.const);
    if (option.description !== undefined) notes[value] = option.description;
    for (const field of objectFields(option, prefix, { field: discriminator, values: [value] })) {
      const same = fields.findIndex((known) =>
        field.name === discriminator ? known.name === discriminator : isAlike(known, field),
      );
      if (same < 0) fields.push(field);
      else fields[same] = mergeFields(fields[same]!, field);
    }
  }
  return fields.map((field) => {
    const { onlyWith, ...always } = field;
    if (field.name === discriminator) return { ...always, allowedNotes: notes };
    return onlyWith?.values.length === options.length ? always : field;
  });
}

/** Whether two options mean the same by a field. One that they see differently, as its default, is there once for each. */
function isAlike({ onlyWith: _, ...one }: SchemaField, { onlyWith: __, ...other }: SchemaField): boolean {
  return one.name === other.name && JSON.stringify(one) === JSON.stringify(other);
}

function mergeFields(known: SchemaField, other: SchemaField): SchemaField {
  const values = [...(known.onlyWith?.values ?? []), ...(other.onlyWith?.values ?? [])];
  return {
    ...known,
    ...(known.onlyWith && { onlyWith: { ...known.onlyWith, values } }),
    ...(known.allowed && other.allowed && { allowed: [...new Set([...known.allowed, ...other.allowed])] }),
  };
}

/** Whether the field may be given, as its section stands. */
export function fitsSection({ onlyWith }: SchemaField, section: unknown): boolean {
  if (!onlyWith) return true;
  const value = (section as Readonly<Record<string, unknown>> | undefined)?.[onlyWith.field];
  return onlyWith.values.includes(String(value));
}

function typeOf({ type, items, additionalProperties, properties, oneOf, anyOf }: JsonSchema): string {
  if (items) return `[]${typeOf(items)}`;
  if (properties ?? oneOf) return "Object";
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  if (type === "object" && typeof additionalProperties === "object")
    return `map[string]${typeOf(additionalProperties)}`;
  return type === undefined ? "any" : [type].flat().join(" or ");
}

function allowedOf(schema: JsonSchema): { allowed?: readonly unknown[] } {
  const { const: only, enum: values } = schema.items ?? schema;
  if (only !== undefined) return { allowed: [only] };
  return values ? { allowed: values } : {};
}

function limitsOf({ minimum, maximum, minLength, maxLength, minItems, pattern }: JsonSchema): string[] {
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(minLength === undefined ? [] : [`at least ${minLength} characters`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(minItems === undefined ? [] : [`at least ${minItems} entries`]),
    ...(pattern === undefined ? [] : [`matches ${pattern}`]),
  ];
}
