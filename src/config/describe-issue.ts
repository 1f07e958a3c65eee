// From zod's issues to problems in our words; unknown fields become one problem each, with the field that was probably meant.

import { z } from "zod";
import type { ConfigProblem, FieldPath } from "./config-problem.ts";
import { didYouMean } from "./did-you-mean.ts";

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of fields",
  record: "a mapping of names to texts",
};

/** The problems an issue stands for. `value` and `schema` are what was parsed and by what, at `path`. */
export function describeIssue(issue: Issue, at: { value: unknown; schema: Schema; path: FieldPath }): ConfigProblem[] {
  const inner = issue.path as FieldPath;
  const path = [...at.path, ...inner];
  if (issue.code === "unrecognized_keys") {
    const known = fieldsAt(at.schema, at.value, inner);
    return issue.keys.map((key) => unknownField([...path, key], known));
  }
  if (issue.code === "invalid_key") {
    const [wanted = "must be another name"] = issue.issues.map(({ message }) => message);
    return [{ path, message: `${wanted}, not ${JSON.stringify(path.at(-1))}`, atKey: true }];
  }
  return [{ path, message: describeWanted(issue, valueAt(at.value, inner)) }];
}

/** An unknown field, and which of the known ones was probably meant. */
export function unknownField(path: FieldPath, known: readonly string[]): ConfigProblem {
  const guess = didYouMean(String(path.at(-1)), known);
  const hint = guess
    ? `, did you mean ${JSON.stringify(guess)}?`
    : known.length > 0
      ? `; known here: ${known.join(", ")}`
      : "";
  return { path, message: `unknown field${hint}`, atKey: true };
}

function describeWanted(issue: Issue, value: unknown): string {
  if (value === undefined && (issue.code === "invalid_type" || issue.code === "invalid_value")) return "is required";
  const found = describeValue(value);
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeNames[issue.expected] ?? issue.expected}, not ${found}`;
    case "invalid_value":
      return `must be ${issue.values.map((allowed) => JSON.stringify(allowed)).join(" or ")}, not ${found}`;
    case "too_small":
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}, not ${found}`;
    case "too_big":
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}, not ${found}`;
    case "invalid_union":
      return describeUnion(issue, value);
    case "invalid_format":
    case "custom":
      return `${issue.message}, not ${found}`;
    default:
      return issue.message;
  }
}

function describeUnion(issue: z.core.$ZodIssueInvalidUnion, value: unknown): string {
  // Zod puts the known values beside a discriminator that fits none; its type does not say so yet.
  const { options } = issue as { options?: readonly string[] };
  if (!options) return `must be a text or a number, not ${describeValue(value)}`;
  if (value === undefined) return `is required: one of ${options.join(", ")}`;
  const guess = typeof value === "string" ? didYouMean(value, options) : undefined;
  const hint = guess ? `, did you mean ${JSON.stringify(guess)}?` : "";
  return `must be one of ${options.map((option) => JSON.stringify(option)).join(", ")}, not ${describeValue(value)}${hint}`;
}

function unitOf(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" ? " entries" : "";
}

function describeValue(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : JSON.stringify(value);
}

function valueAt(value: unknown, path: FieldPath): unknown {
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** The names of the fields an object schema takes, `path` below `schema`. */
function fieldsAt(schema: Schema, value: unknown, path: FieldPath): string[] {
  for (const part of path) {
    schema = childOf(unwrap(schema, value), part) ?? schema;
    value = valueAt(value, [part]);
  }
  const object = unwrap(schema, value);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function childOf(schema: Schema, part: string | number): Schema | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[part];
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}

/** The schema below defaults and options; of a union, the option whose discriminator fits the value. */
function unwrap(schema: Schema, value: unknown): Schema {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema._zod.def;
    const wanted = valueAt(value, [discriminator]);
    const option = (schema.options as Schema[]).find((candidate) => {
      const field = childOf(candidate, discriminator);
      return field instanceof z.ZodLiteral && field.values.has(wanted as string);
    });
    return option ?? schema;
  }
  return schema;
}

/** The value with its defaults, or everything that is wrong with it, by a schema that lies with what the value is for. */
export function checkValue<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: FieldPath,
): { readonly value: T } | { readonly problems: readonly ConfigProblem[] } {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.flatMap((issue) => describeIssue(issue, { value, schema, path })) };
}
