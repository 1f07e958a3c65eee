// Whether an applied configuration fits its schema: server-side apply's own check, which comes before decoding and knows
// only maps, lists and scalars. The messages are structured-merge-diff's.

import { goTypeOf, printGo, printGoSyntax } from "../../go-print.ts";
import { isObject } from "../../patch/json-value.ts";
import type { ListSchema, ScalarType, Schema } from "../../schema.ts";
import { describeElement, fieldElement, indexElement } from "../fields/path-element.ts";
import { elementOfItem, ListItemError } from "./list-items.ts";
import { fieldSchemaOf } from "./ownership-shape.ts";

/** What is wrong, as one message; undefined when nothing is. */
export function validateApplied(applied: unknown, schema: Schema): string | undefined {
  const problems = [...validate(applied, schema, { path: "", keepsUnknown: false })];
  const lines = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  if (lines.length <= 1) return lines[0];
  return ["errors:", ...lines.map((line) => `  ${line}`)].join("\n");
}

interface Problem {
  readonly path: string;
  readonly message: string;
}

interface Context {
  readonly path: string;
  /** Some record above keeps unknown fields, hence all below it do. */
  readonly keepsUnknown: boolean;
}

function* validate(value: unknown, schema: Schema, context: Context): Generator<Problem> {
  if (value === null || value === undefined || schema.kind === "any") return;
  if (schema.kind === "list") {
    yield* validateList(value, schema, context);
  } else if (schema.kind === "scalar") {
    const message = checkScalar(value, schema.type);
    if (message !== undefined) yield { path: context.path, message };
  } else {
    yield* validateRecord(value, schema, context);
  }
}

function* validateRecord(value: unknown, schema: Schema, context: Context): Generator<Problem> {
  if (!isObject(value)) {
    yield { path: context.path, message: `expected map, got ${printPointer(value)}` };
    return;
  }
  const keepsUnknown = context.keepsUnknown || keepsUnknownFields(schema);
  for (const name of Object.keys(value)) {
    const path = context.path + describeElement(fieldElement(name));
    if (schema.kind === "object" && !schema.fields.has(name) && !keepsUnknown) {
      // Upstream stops at the first field of a record it does not know.
      yield { path, message: "field not declared in schema" };
      return;
    }
    yield* validate(value[name], fieldSchemaOf(schema, name), { path, keepsUnknown });
  }
}

/** An object without any declared field takes all. */
function keepsUnknownFields(schema: Schema): boolean {
  return schema.kind === "object" && (schema.preserveUnknown || schema.fields.size === 0);
}

function* validateList(value: unknown, list: ListSchema, context: Context): Generator<Problem> {
  const { path } = context;
  if (!Array.isArray(value)) {
    yield { path, message: `expected list, got ${printPointer(value)}` };
    return;
  }
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const element = list.structure === "atomic" ? indexElement(index) : identify(item, list);
    if (element instanceof ListItemError) {
      // An item that cannot be told apart ends the check of its list.
      yield { path, message: `element ${index}: ${element.message}` };
      return;
    }
    if (seen.has(element)) yield { path, message: `duplicate entries for key ${describeElement(element)}` };
    seen.add(element);
    yield* validate(item, list.items, { ...context, path: path + describeElement(element) });
  }
}

function identify(item: unknown, list: ListSchema): string | ListItemError {
  try {
    return elementOfItem(item, list);
  } catch (error) {
    if (error instanceof ListItemError) return error;
    throw error;
  }
}

function checkScalar(value: unknown, type: ScalarType): string | undefined {
  const isNumber = typeof value === "number" || typeof value === "bigint";
  switch (type) {
    case "int32":
    case "int64":
    case "double":
      return isNumber ? undefined : `expected numeric (int or float), got ${goTypeOf(value, "float64")}`;
    case "string":
    case "bytes":
      if (typeof value === "string") return undefined;
      return `expected string, got &value.valueUnstructured{Value:${printGoSyntax(value, "float64")}}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `expected boolean, got ${printPointer(value)}`;
    default:
      return isNumber || typeof value !== "object" ? undefined : `expected any scalar, got ${printPointer(value)}`;
  }
}

/** Go prints structured-merge-diff's values as pointers to a struct of one field. */
function printPointer(value: unknown): string {
  return `&{${printGo(value, "float64")}}`;
}
