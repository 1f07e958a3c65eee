// Conversions between types: int("1"), string(2.5), timestamp("…").

import { DurationError, parseDurationNanos } from "#kubernetes/api";
import { checkInt, checkUint, doubleToInt, doubleToUint, toDouble, UINT_OVERFLOW } from "./numbers.ts";
import { printDouble } from "./print.ts";
import { durationOf, parseTimestamp, printDuration, printTimestamp, secondsOf, timestampAt } from "./times.ts";
import { type CelType, types } from "./type.ts";
import { CelDuration, CelError, CelTimestamp, CelTypeValue, CelUint, type CelValue, kindOf, typeOf } from "./value.ts";

function impossible(value: CelValue, to: CelType): CelError {
  return new CelError(`type conversion error from '${typeOf(value)}' to '${to}'`);
}

export function toInt(value: CelValue): CelValue {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return doubleToInt(value);
  if (value instanceof CelUint) return checkInt(value.value);
  if (value instanceof CelDuration) return value.nanos;
  if (value instanceof CelTimestamp) return secondsOf(value.nanos);
  if (typeof value === "string" && /^[+-]?\d+$/.test(value)) {
    const parsed = checkInt(BigInt(value.replace(/^\+/, "")));
    if (typeof parsed === "bigint") return parsed;
  }
  return impossible(value, types.int);
}

export function toUint(value: CelValue): CelValue {
  if (value instanceof CelUint) return value;
  if (typeof value === "number") return doubleToUint(value);
  if (typeof value === "bigint") return value < 0n ? UINT_OVERFLOW : new CelUint(value);
  if (typeof value === "string" && /^\d+$/.test(value)) {
    const parsed = checkUint(BigInt(value));
    if (parsed instanceof CelUint) return parsed;
  }
  return impossible(value, types.uint);
}

const DECIMAL = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

export function toDoubleValue(value: CelValue): CelValue {
  if (typeof value === "number" || typeof value === "bigint" || value instanceof CelUint) return toDouble(value);
  if (typeof value === "string") {
    const parsed = parseDouble(value);
    if (parsed !== undefined) return parsed;
  }
  return impossible(value, types.double);
}

function parseDouble(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = INFINITE.exec(text);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

export function toBool(value: CelValue): CelValue {
  if (typeof value === "boolean") return value;
  return (typeof value === "string" ? BOOLEANS.get(value) : undefined) ?? impossible(value, types.bool);
}

export function toBytes(value: CelValue): CelValue {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value, "utf8") : impossible(value, types.bytes);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function toStringValue(value: CelValue): CelValue {
  if (typeof value === "string") return value;
  if (typeof value === "number") return printDouble(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value === null) return "null";
  if (value instanceof Uint8Array) return decodeUtf8(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelTimestamp) return printTimestamp(value);
  if (value instanceof CelDuration) return printDuration(value);
  if (value instanceof CelTypeValue) return value.type.name;
  return impossible(value, types.string);
}

function decodeUtf8(bytes: Uint8Array): CelValue {
  try {
    return utf8.decode(bytes);
  } catch {
    return new CelError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

export function toTimestamp(value: CelValue): CelValue {
  if (value instanceof CelTimestamp) return value;
  if (typeof value === "bigint") return timestampAt(value * 1_000_000_000n);
  return (typeof value === "string" ? parseTimestamp(value) : undefined) ?? impossible(value, types.timestamp);
}

export function toDuration(value: CelValue): CelValue {
  if (value instanceof CelDuration) return value;
  if (typeof value === "bigint") return durationOf(value);
  return (typeof value === "string" ? parseDuration(value) : undefined) ?? impossible(value, types.duration);
}

function parseDuration(text: string): CelValue | undefined {
  try {
    return durationOf(parseDurationNanos(text));
  } catch (error) {
    if (error instanceof DurationError) return undefined;
    throw error;
  }
}

export function toType(value: CelValue): CelValue {
  return new CelTypeValue(typeOf(value));
}

/** Whether a value is what its type starts from: "", 0, an empty list. */
export function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === "" || value === 0 || value === 0n) return true;
  if (typeof value !== "object") return false;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDuration) return value.nanos === 0n;
  if (value instanceof CelTimestamp) return secondsOf(value.nanos) === -62_135_596_800n;
  const kind = kindOf(value);
  return (kind === "list" || kind === "map") && (value as { size: number }).size === 0;
}
