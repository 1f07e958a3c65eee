// What is wrong with one field of an object, in upstream's words (apimachinery's util/validation/field). Validation collects
// these; status-error.ts turns the list into one answer.

import { marshalGo, quote } from "./go-format.ts";

export { quote };

export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTooFew"
  | "FieldValueTooShort"
  | "FieldValueTypeInvalid"
  | "InternalError";

export interface FieldError {
  readonly type: FieldErrorType;
  /** The path as upstream writes it: "spec.containers[0].name", "metadata.labels[a.b/c]". */
  readonly field: string;
  /** The type in words, the value, the detail: everything after the path. */
  readonly body: string;
}

/** Leaves the value out of an invalid() message, where upstream does. */
export const omittedValue: unique symbol = Symbol("omitted value");

/** "spec" and "replicas" give "spec.replicas"; an empty parent gives the child alone. */
export function child(path: string, ...names: readonly string[]): string {
  for (const name of names) path = path === "" ? name : `${path}.${name}`;
  return path;
}

/** The path of a list's item. */
export function item(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** The path of a map's entry. */
export function entry(path: string, key: string): string {
  return `${path}[${key}]`;
}

export function required(field: string, detail = ""): FieldError {
  return make("FieldValueRequired", field, "Required value", detail);
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return make("FieldValueInvalid", field, withValue("Invalid value", value), detail);
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return make("FieldValueTypeInvalid", field, withValue("Invalid value", value), detail);
}

/** `supported` is shown in the order given; upstream sorts most, but not all, of its lists. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length ? `supported values: ${supported.map((v) => quote(v)).join(", ")}` : "";
  return make("FieldValueNotSupported", field, withValue("Unsupported value", value), detail);
}

export function forbiddenField(field: string, detail: string): FieldError {
  return make("FieldValueForbidden", field, "Forbidden", detail);
}

export function duplicate(field: string, value: unknown): FieldError {
  return make("FieldValueDuplicate", field, withValue("Duplicate value", value), "");
}

export function notFoundField(field: string, value: unknown): FieldError {
  return make("FieldValueNotFound", field, withValue("Not found", value), "");
}

/** `most` counts bytes, or characters where `unit` says so; negative: no number is shown. */
export function tooLong(field: string, most: number, unit: "byte" | "character" = "byte"): FieldError {
  const detail = most < 0 ? "value is too long" : `may not be more than ${most} ${unit}${most === 1 ? "" : "s"}`;
  return make("FieldValueTooLong", field, "Too long", detail);
}

/** `actual` below 0 leaves the number out. */
export function tooMany(field: string, actual: number, most: number): FieldError {
  const detail = most < 0 ? "has too many items" : `must have at most ${most} ${most === 1 ? "item" : "items"}`;
  return make("FieldValueTooMany", field, withValue("Too many", actual < 0 ? omittedValue : actual), detail);
}

export function tooFew(field: string, actual: number, least: number): FieldError {
  const detail = least < 0 ? "has too few items" : `must have at least ${least} ${least === 1 ? "item" : "items"}`;
  return make("FieldValueTooFew", field, withValue("Too few", actual), detail);
}

export function tooShort(field: string, least: number): FieldError {
  const detail = least < 0 ? "value is too short" : `must be at least ${least} character${least === 1 ? "" : "s"}`;
  return make("FieldValueTooShort", field, "Too short", detail);
}

export function internalFieldError(field: string, detail: string): FieldError {
  return make("InternalError", field, "Internal error", detail);
}

/** "spec.replicas: Invalid value: -1: must be greater than or equal to 0". */
export function describeFieldError(error: FieldError): string {
  return `${error.field}: ${error.body}`;
}

function make(type: FieldErrorType, field: string, words: string, detail: string): FieldError {
  return { type, field, body: detail === "" ? words : `${words}: ${detail}` };
}

/** Strings as %q, all else as Go's JSON; undefined stands for a nil pointer. */
function withValue(words: string, value: unknown): string {
  if (value === omittedValue) return words;
  return `${words}: ${typeof value === "string" ? quote(value) : marshalGo(value)}`;
}
