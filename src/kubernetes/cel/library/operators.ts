// The operators as functions, with their overloads.

import { operators } from "../syntax/operators.ts";
import { add, divide, modulo, multiply, negate, noSuchOverload, subtract } from "../values/arithmetic.ts";
import { compare } from "../values/equal.ts";
import { type CelType, listType, mapType, paramType, types } from "../values/type.ts";
import { CelError, type CelValue, isList, isMap, NO_SUCH_OVERLOAD } from "../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, type Overload } from "./declare.ts";

const { bool, bytes, double, duration, int, string, timestamp, uint } = types;
const paramA = paramType("A");
const paramB = paramType("B");
const listOfA = listType(paramA);
const mapOfAB = mapType(paramA, paramB);

/** Overloads given as "id: left right result". */
function binary(
  result: CelType | undefined,
  rows: readonly (readonly [string, CelType, CelType, CelType?])[],
): Overload[] {
  return rows.map(([id, left, right, own]) => globalOverload(id, [left, right], own ?? result ?? left));
}

function singleton(
  name: string,
  overloads: readonly Overload[],
  call: FunctionDeclaration["call"],
): FunctionDeclaration {
  return { name, overloads, ...(call && { call }) };
}

/** The thirteen ways in which values have an order. */
function relation(name: string, id: string, holds: (order: number) => boolean): FunctionDeclaration {
  const overloads = binary(bool, [
    [`${id}_bool`, bool, bool],
    [`${id}_int64`, int, int],
    [`${id}_int64_double`, int, double],
    [`${id}_int64_uint64`, int, uint],
    [`${id}_uint64`, uint, uint],
    [`${id}_uint64_double`, uint, double],
    [`${id}_uint64_int64`, uint, int],
    [`${id}_double`, double, double],
    [`${id}_double_int64`, double, int],
    [`${id}_double_uint64`, double, uint],
    [`${id}_string`, string, string],
    [`${id}_bytes`, bytes, bytes],
    [`${id}_timestamp`, timestamp, timestamp],
    [`${id}_duration`, duration, duration],
  ]);
  return singleton(name, overloads, (a, b) => {
    const order = compare(a, b);
    if (typeof order === "number") return holds(order);
    return order === NO_SUCH_OVERLOAD ? noSuchOverload(name, a, b) : order;
  });
}

function isIn(item: CelValue, collection: CelValue): CelValue {
  if (isList(collection)) return collection.contains(item);
  if (!isMap(collection)) return NO_SUCH_OVERLOAD;
  if (collection.has) return collection.has(item);
  const found = collection.find(item);
  return found instanceof CelError ? found : found !== undefined;
}

/** Calls of these are planned apart: what they look at decides what is evaluated. */
export const plannedOperators: readonly FunctionDeclaration[] = [
  declare(operators.conditional, globalOverload("conditional", [bool, paramA, paramA], paramA)),
  declare(operators.and, globalOverload("logical_and", [bool, bool], bool)),
  declare(operators.or, globalOverload("logical_or", [bool, bool], bool)),
  declare(operators.equals, globalOverload("equals", [paramA, paramA], bool)),
  declare(operators.notEquals, globalOverload("not_equals", [paramA, paramA], bool)),
  declare(operators.notStrictlyFalse, globalOverload("not_strictly_false", [bool], bool)),
  declare(
    operators.index,
    globalOverload("index_list", [listOfA, int], paramA),
    globalOverload("index_map", [mapOfAB, paramA], paramB),
  ),
];

export const operatorFunctions: readonly FunctionDeclaration[] = [
  singleton(operators.not, [globalOverload("logical_not", [bool], bool)], (value) =>
    typeof value === "boolean" ? !value : NO_SUCH_OVERLOAD,
  ),
  singleton(
    operators.add,
    binary(undefined, [
      ["add_bytes", bytes, bytes],
      ["add_double", double, double],
      ["add_duration_duration", duration, duration],
      ["add_duration_timestamp", duration, timestamp, timestamp],
      ["add_timestamp_duration", timestamp, duration],
      ["add_int64", int, int],
      ["add_list", listOfA, listOfA],
      ["add_string", string, string],
      ["add_uint64", uint, uint],
    ]),
    add,
  ),
  singleton(
    operators.divide,
    binary(undefined, [
      ["divide_double", double, double],
      ["divide_int64", int, int],
      ["divide_uint64", uint, uint],
    ]),
    divide,
  ),
  singleton(
    operators.modulo,
    binary(undefined, [
      ["modulo_int64", int, int],
      ["modulo_uint64", uint, uint],
    ]),
    modulo,
  ),
  singleton(
    operators.multiply,
    binary(undefined, [
      ["multiply_double", double, double],
      ["multiply_int64", int, int],
      ["multiply_uint64", uint, uint],
    ]),
    multiply,
  ),
  singleton(
    operators.negate,
    [globalOverload("negate_double", [double], double), globalOverload("negate_int64", [int], int)],
    negate,
  ),
  singleton(
    operators.subtract,
    binary(undefined, [
      ["subtract_double", double, double],
      ["subtract_duration_duration", duration, duration],
      ["subtract_int64", int, int],
      ["subtract_timestamp_duration", timestamp, duration],
      ["subtract_timestamp_timestamp", timestamp, timestamp, duration],
      ["subtract_uint64", uint, uint],
    ]),
    subtract,
  ),
  relation(operators.less, "less", (order) => order < 0),
  relation(operators.lessEquals, "less_equals", (order) => order <= 0),
  relation(operators.greater, "greater", (order) => order > 0),
  relation(operators.greaterEquals, "greater_equals", (order) => order >= 0),
  singleton(
    operators.in,
    [globalOverload("in_list", [paramA, listOfA], bool), globalOverload("in_map", [paramA, mapOfAB], bool)],
    isIn,
  ),
];
