// Why what a strategic merge patch made is no object of its kind, in the words of upstream's converter from free-form values
// (apimachinery's DefaultUnstructuredConverter), which other than a decoder of JSON takes 1.0 for a whole number.

import { goElementOf, goFieldOf } from "../decode/go-type.ts";
import type { ObjectSchema, ScalarType, Schema } from "../schema.ts";

/** The first thing the converter minds; undefined where it minds nothing. */
export function explainUnstructured(schema: Schema, value: unknown, goType = ""): string | undefined {
  if (value === null || value === undefined || schema.kind === "any") return undefined;
  const kind = kindOf(value);
  switch (schema.kind) {
    case "object":
      return kind === "map" ? explainFields(schema, value) : `cannot restore struct from: ${kind}`;
    case "map":
      if (kind !== "map") return `cannot restore map from ${kind}`;
      return explainEach(schema.values, Object.values(value), goType);
    case "list":
      if (kind !== "slice") return `cannot restore slice from ${kind}`;
      return explainEach(schema.items, value as unknown[], goType);
    case "scalar":
      return explainScalar(schema.type, value, goType);
  }
}

function explainFields(schema: ObjectSchema, value: object): string | undefined {
  for (const field of schema.fields.values()) {
    const { type } = goFieldOf(schema.name, field);
    const given = (value as Record<string, unknown>)[field.name];
    const problem = explainUnstructured(field.schema, given, type.replace(/^\*/, ""));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function explainEach(schema: Schema, values: readonly unknown[], goType: string): string | undefined {
  const element = goElementOf(goType);
  for (const value of values) {
    const problem = explainUnstructured(schema, value, element);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

type GoKind = "string" | "bool" | "int64" | "float64" | "slice" | "map";

function kindOf(value: unknown): GoKind {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "object":
      return Array.isArray(value) ? "slice" : "map";
    default:
      return Number.isInteger(Number(value)) ? "int64" : "float64";
  }
}

const numbers: Partial<Record<ScalarType, string>> = { int32: "int32", int64: "int64", double: "float64" };

function explainScalar(type: ScalarType, value: unknown, goType: string): string | undefined {
  const kind = kindOf(value);
  const isNumber = kind === "int64" || kind === "float64";
  if (type === "bytes") return kind === "string" ? undefined : `cannot restore slice from ${kind}`;
  if (type === "string") {
    if (kind === "string") return undefined;
    return kind === "int64" ? `cannot convert int64 to ${goType || "string"}` : "unrecognized type: string";
  }
  if (type === "boolean") return kind === "bool" ? undefined : "unrecognized type: bool";
  const wanted = numbers[type];
  // Times, quantities and the like read their JSON themselves.
  if (wanted === undefined) return undefined;
  if (!isNumber) return `unrecognized type: ${wanted}`;
  return kind === "float64" && wanted !== "float64" ? `cannot convert float64 to ${wanted}` : undefined;
}
