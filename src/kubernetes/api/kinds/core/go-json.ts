// JSON inside other values (annotations, data of Secrets): read, or said in Go's words why it cannot be.

import { JsonError, parseJsonValue } from "../../json/parse.ts";

export interface GoJson<T> {
  readonly value?: T;
  readonly problem?: string;
}

/** Reads text that must be JSON of the given shape (or null, read as nothing). `goType` is named when it is of another. */
export function readGoJson<T>(text: Uint8Array | string, shape: "array" | "object", goType: string): GoJson<T> {
  let value: unknown;
  try {
    value = parseJsonValue(text);
  } catch (error) {
    if (error instanceof JsonError) return { problem: error.message };
    throw error;
  }
  if (value === null) return {};
  const kind = kindOf(value);
  if (kind !== shape) return { problem: `json: cannot unmarshal ${kind} into Go value of type ${goType}` };
  return { value: value as T };
}

/** What Go calls a kind of JSON value. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
