// int(…), string(…), type(…) and the other conversions, and size(…).

import { countCodePoints } from "../syntax/source.ts";
import {
  toBool,
  toBytes,
  toDoubleValue,
  toDuration,
  toInt,
  toStringValue,
  toTimestamp,
  toType,
  toUint,
} from "../values/convert.ts";
import { type CelType, listType, mapType, paramType, types, typeType } from "../values/type.ts";
import { CelError, type CelValue, kindOf } from "../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "./declare.ts";

const { bool, bytes, double, duration, int, string, timestamp, uint } = types;
const paramA = paramType("A");
const listOfA = listType(paramA);
const mapOfAB = mapType(paramA, paramType("B"));

/** A conversion to a type from each of the named types. */
function conversion(
  name: string,
  result: CelType,
  convert: (value: CelValue) => CelValue,
  overloads: Readonly<Record<string, CelType>>,
): FunctionDeclaration {
  const rows = Object.entries(overloads).map(([id, from]) => globalOverload(id, [from], result, convert));
  return declare(name, ...rows);
}

/** The functions whose calls with a constant are worked out once, when the program is made. */
export const conversionNames: ReadonlySet<string> = new Set([
  "bool",
  "bytes",
  "double",
  "duration",
  "dyn",
  "int",
  "string",
  "timestamp",
  "uint",
]);

export const conversionFunctions: readonly FunctionDeclaration[] = [
  {
    name: "type",
    overloads: [globalOverload("type", [paramA], typeType(paramA))],
    call: toType,
  },
  {
    name: "dyn",
    overloads: [globalOverload("to_dyn", [paramA], types.dyn)],
    call: (value) => value,
  },
  conversion("bool", bool, toBool, { bool_to_bool: bool, string_to_bool: string }),
  conversion("bytes", bytes, toBytes, { bytes_to_bytes: bytes, string_to_bytes: string }),
  conversion("double", double, toDoubleValue, {
    double_to_double: double,
    int64_to_double: int,
    string_to_double: string,
    uint64_to_double: uint,
  }),
  conversion("duration", duration, toDuration, {
    duration_to_duration: duration,
    int64_to_duration: int,
    string_to_duration: string,
  }),
  conversion("int", int, toInt, {
    int64_to_int64: int,
    double_to_int64: double,
    duration_to_int64: duration,
    string_to_int64: string,
    timestamp_to_int64: timestamp,
    uint64_to_int64: uint,
  }),
  conversion("string", string, toStringValue, {
    string_to_string: string,
    bool_to_string: bool,
    bytes_to_string: bytes,
    double_to_string: double,
    duration_to_string: duration,
    int64_to_string: int,
    timestamp_to_string: timestamp,
    uint64_to_string: uint,
  }),
  conversion("timestamp", timestamp, toTimestamp, {
    timestamp_to_timestamp: timestamp,
    int64_to_timestamp: int,
    string_to_timestamp: string,
  }),
  conversion("uint", uint, toUint, {
    uint64_to_uint64: uint,
    double_to_uint64: double,
    int64_to_uint64: int,
    string_to_uint64: string,
  }),
  {
    name: "size",
    overloads: [
      globalOverload("size_bytes", [bytes], int),
      memberOverload("bytes_size", [bytes], int),
      globalOverload("size_list", [listOfA], int),
      memberOverload("list_size", [listOfA], int),
      globalOverload("size_map", [mapOfAB], int),
      memberOverload("map_size", [mapOfAB], int),
      globalOverload("size_string", [string], int),
      memberOverload("string_size", [string], int),
    ],
    call: (value) => {
      const size = sizeOf(value);
      return size === undefined ? noSize(value) : BigInt(size);
    },
  },
];

function noSize(value: CelValue): CelError {
  const receives = kindOf(value) === "timestamp" || kindOf(value) === "duration";
  return new CelError(receives ? "no such overload" : "no such overload: size");
}

/** What `size` counts; undefined for values without a size. */
export function sizeOf(value: CelValue): number | undefined {
  if (typeof value === "string") return countCodePoints(value);
  if (value instanceof Uint8Array) return value.length;
  const kind = kindOf(value);
  return kind === "list" || kind === "map" ? (value as { size: number }).size : undefined;
}
