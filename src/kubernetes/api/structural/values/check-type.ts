// The type keyword: what a value is to Go, and whether a schema allows it.

import { quote } from "../../field-error.ts";
import type { JsonSchema } from "../json-schema.ts";
import { formatOf } from "./formats.ts";
import type { Outcome } from "./outcome.ts";

/** The types a schema allows. */
export function typesOf(schema: JsonSchema): readonly string[] {
  if (schema["x-kubernetes-int-or-string"]) return intOrString;
  return schema.type ? [schema.type] : [];
}

const intOrString: readonly string[] = ["integer", "string"];

/** Adds a problem and answers false where the type is wrong; undefined where the schema says nothing of types. */
export function checkType(value: unknown, schema: JsonSchema, path: string, outcome: Outcome): boolean | undefined {
  const types = typesOf(schema);
  if (value === null) {
    if (types.length === 0 || types.includes("null") || schema.nullable) return true;
    return refuse(path, types.join(","), "null", outcome);
  }
  const format = formatOf(schema);
  if (types.length === 0 && format === "") return undefined;
  const found = typeOf(value);
  const fits = types.includes(found.type) || (found.type === "integer" && types.includes("number"));
  const isText = typeof value === "string" || Array.isArray(value);
  if (!isText && format !== "" && !fits && found.format !== format) return refuse(path, format, found.format, outcome);
  if (isText && format !== "" && !types.includes("number") && !types.includes("integer")) return true;
  return fits ? true : refuse(path, types.join(","), found.type, outcome);
}

function refuse(path: string, wanted: string, found: string, outcome: Outcome): false {
  const text = `${path} in body must be of type ${wanted}: ${quote(found)}`;
  outcome.add({ kind: "type", path, text, value: found });
  return false;
}

function typeOf(value: unknown): { type: string; format: string } {
  switch (typeof value) {
    case "string":
      return { type: "string", format: "" };
    case "boolean":
      return { type: "boolean", format: "" };
    case "bigint":
      return { type: "integer", format: "int64" };
    case "number":
      return Number.isInteger(value) ? { type: "integer", format: "int64" } : { type: "number", format: "float64" };
    default:
      return { type: Array.isArray(value) ? "array" : "object", format: "" };
  }
}
