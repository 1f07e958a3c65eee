// "%s is %d".format([…]).

import { quote } from "#kubernetes/api";
import { toDoubleValue, toStringValue } from "../../values/convert.ts";
import { itemsOf } from "../../values/list.ts";
import {
  CelDuration,
  CelError,
  type CelList,
  type CelMap,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
  isMap,
  typeOf,
} from "../../values/value.ts";
import { type Clause, FormatError, fillClauses, refuseArgument } from "./format-clauses.ts";
import { formatFixed, formatPlain, formatScientific } from "./format-number.ts";

const DEFAULT_PRECISION = 6;

export function formatString(format: string, args: CelList): CelValue {
  try {
    return fillClauses(format, args.size, (clause, index) => formatArgument(clause, args.at(index)));
  } catch (error) {
    if (error instanceof FormatError) return new CelError(error.message);
    throw error;
  }
}

function formatArgument(clause: Clause, value: CelValue): string {
  switch (clause.letter) {
    case "s":
      return formatValue(value);
    case "d":
      return formatWhole(value);
    case "f":
    case "e":
      return formatDouble(clause, value);
    case "b":
      if (typeof value === "boolean") return value ? "1" : "0";
      return integerOf(clause, value).toString(2);
    case "o":
      return integerOf(clause, value).toString(8);
    default:
      return formatHex(clause, value);
  }
}

function formatValue(value: CelValue): string {
  if (value === null) return "null";
  if (isList(value)) return formatList(value);
  if (isMap(value)) return formatMap(value);
  const text = toStringValue(value);
  if (typeof text === "string") return text;
  const isKnown = value instanceof Uint8Array;
  throw isKnown
    ? new FormatError(`could not convert argument ${quote((text as CelError).message)} to string`)
    : refuseArgument("s", typeOf(value).name);
}

function formatWhole(value: CelValue): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof CelUint) return String(value.value);
  throw refuseArgument("d", typeOf(value).name);
}

function integerOf({ letter }: Clause, value: CelValue): bigint {
  if (typeof value === "bigint") return value;
  if (value instanceof CelUint) return value.value;
  throw refuseArgument(letter, typeOf(value).name);
}

function formatHex(clause: Clause, value: CelValue): string {
  const digits = hexOf(clause, value);
  return clause.letter === "X" ? digits.toUpperCase() : digits;
}

function hexOf(clause: Clause, value: CelValue): string {
  if (typeof value === "string") return Buffer.from(value, "utf8").toString("hex");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return integerOf(clause, value).toString(16);
}

const WORDS = new Set(["NaN", "Infinity", "-Infinity"]);

function formatDouble({ letter, precision = DEFAULT_PRECISION }: Clause, value: CelValue): string {
  if (typeof value !== "number" && !(typeof value === "string" && WORDS.has(value))) {
    throw refuseArgument(letter, typeOf(value).name);
  }
  const number = toDoubleValue(value) as number;
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "-∞";
  return letter === "f" ? formatFixed(number, precision) : formatScientific(number, precision);
}

function formatList(list: CelList): string {
  return `[${Array.from(itemsOf(list), formatNested).join(", ")}]`;
}

function formatMap(map: CelMap): string {
  const entries = Array.from(map.keys(), (key) => [formatKey(key), formatNested(map.find(key)!)] as const);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, value]) => `${key}:${value}`).join(", ")}}`;
}

function formatKey(key: CelValue): string {
  if (typeof key === "string") return quote(key);
  if (typeof key === "boolean") return String(key);
  if (typeof key === "bigint" || key instanceof CelUint) return formatWhole(key);
  throw new FormatError(`no formatting function for map key of type ${typeOf(key).name}`);
}

/** A value within a list or map, as CEL would write it. */
function formatNested(value: CelValue): string {
  if (typeof value === "string") return quote(value);
  if (value instanceof Uint8Array) return `b${quote(formatValue(value))}`;
  if (typeof value === "number") return formatNestedDouble(value);
  if (value instanceof CelTimestamp) return `timestamp(${quote(formatValue(value))})`;
  if (value instanceof CelDuration) return `duration(${quote(formatValue(value))})`;
  const isPlain =
    value === null || typeof value !== "object" || value instanceof CelUint || value instanceof CelTypeValue;
  if (isPlain || isList(value) || isMap(value)) return formatValue(value);
  throw new FormatError(`no formatting function for ${typeOf(value).name}`);
}

function formatNestedDouble(value: number): string {
  if (Number.isNaN(value)) return '"NaN"';
  if (!Number.isFinite(value)) return value > 0 ? '"+Inf"' : '"-Inf"';
  return formatPlain(value, DEFAULT_PRECISION);
}
