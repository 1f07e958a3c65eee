// Decodes scalars: checks that a JSON value is of the type, in Go's words, and brings it into the form the API answers.

import { canonicalizeQuantity } from "../quantity/format.ts";
import type { ScalarType } from "../schema.ts";
import { canonicalizeMicroTime, canonicalizeTime } from "../time/time.ts";
import { canonicalizeBase64 } from "./base64.ts";
import { type DecodeContext, DecodeError, describeValue } from "./context.ts";

/** Answers the value as kept, undefined where it stands for none. Never called with null. */
export type Decoder = (value: unknown, context: DecodeContext) => unknown;

/** The decoder of a scalar; `goType` is how errors name its type. */
export function scalarDecoder(type: ScalarType, goType: string): Decoder {
  switch (type) {
    case "string":
      return (value, context) => (typeof value === "string" ? value : context.mismatch(value, goType));
    case "boolean":
      return (value, context) => (typeof value === "boolean" ? value : context.mismatch(value, goType));
    case "int32":
      return (value, context) => (isInt32(value) ? value : mismatchedNumber(value, goType, context));
    case "int64":
      return (value, context) =>
        Number.isSafeInteger(value) ? value : (decodeLargeInt(value) ?? mismatchedNumber(value, goType, context));
    case "double":
      return (value, context) => decodeDouble(value, goType, context);
    case "bytes":
      return (value, context) => decodeBytes(value, goType, context);
    case "time":
      return (value, context) => canonicalizeTime(stringOf(value, context));
    case "micro-time":
      return (value, context) => canonicalizeMicroTime(stringOf(value, context));
    case "quantity":
      return decodeQuantity;
    case "int-or-string":
      return (value, context) =>
        typeof value === "string" || isInt32(value) ? value : stop(describeNumber(value), "int32", context);
  }
}

/** What a null in a list or map stands for: Go's zero value of the scalar. */
export function zeroOf(type: ScalarType): unknown {
  switch (type) {
    case "boolean":
      return false;
    case "int32":
    case "int64":
    case "double":
    case "int-or-string":
      return 0;
    case "quantity":
      return "0";
    case "time":
    case "micro-time":
      return null;
    default:
      return "";
  }
}

function isInt32(value: unknown): boolean {
  return typeof value === "number" && (value | 0) === value;
}

/**
 * Integers beyond 2^53 in typed fields become the nearest double inside int64's range: code that reckons with them expects
 * plain numbers. (Values of free form keep bigints, and with them every digit.)
 */
function decodeLargeInt(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? value : undefined;
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) return undefined;
  const nearest = Number(value);
  return nearest === 2 ** 63 ? largestInt64Double : nearest;
}

const largestInt64Double = 2 ** 63 - 1024;

function mismatchedNumber(value: unknown, goType: string, context: DecodeContext): undefined {
  return context.fail(context.describeMismatch(describeNumber(value), goType));
}

function describeNumber(value: unknown): string {
  const described = describeValue(value);
  return described === "number" ? `number ${value}` : described;
}

function decodeDouble(value: unknown, goType: string, context: DecodeContext): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? Number(value) : context.mismatch(value, goType);
}

function decodeBytes(value: unknown, goType: string, context: DecodeContext): string | undefined {
  if (typeof value === "string") {
    const result = canonicalizeBase64(value);
    return "text" in result ? result.text : context.fail(result.error);
  }
  // Go takes a list of numbers for bytes, too.
  if (!Array.isArray(value)) return context.mismatch(value, goType);
  const wrong = value.find((byte) => byte !== null && !(typeof byte === "number" && (byte & 255) === byte));
  if (wrong !== undefined) return mismatchedNumber(wrong, "uint8", context);
  return Buffer.from(value as number[]).toString("base64");
}

function decodeQuantity(value: unknown): string {
  if (typeof value === "string") return canonicalizeQuantity(value.trim());
  return canonicalizeQuantity(typeof value === "object" ? "{}" : String(value));
}

function stringOf(value: unknown, context: DecodeContext): string {
  return typeof value === "string" ? value : stop(describeValue(value), "string", context);
}

/** Types that decode themselves end the decoding with their error. */
function stop(described: string, goType: string, context: DecodeContext): never {
  throw new DecodeError(context.describeMismatch(described, goType));
}
