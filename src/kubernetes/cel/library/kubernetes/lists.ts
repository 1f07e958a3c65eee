// Kubernetes' functions on lists: sum, min, max, isSorted, indexOf, lastIndexOf.

import { add } from "../../values/arithmetic.ts";
import { compare, equal } from "../../values/equal.ts";
import { itemsOf } from "../../values/list.ts";
import { type CelType, listType, paramType, types } from "../../values/type.ts";
import { CelDuration, CelError, type CelList, CelUint, type CelValue } from "../../values/value.ts";
import { declare, type FunctionDeclaration, memberOverload, type Overload } from "../declare.ts";

const { bool, bytes, double, duration, int, string, timestamp, uint } = types;
const paramA = paramType("A");
const listOfA = listType(paramA);

const comparable: Readonly<Record<string, CelType>> = { int, uint, double, bool, duration, timestamp, string, bytes };
const zeros: readonly (readonly [string, CelType, CelValue])[] = [
  ["int", int, 0n],
  ["uint", uint, new CelUint(0n)],
  ["double", double, 0],
  ["duration", duration, new CelDuration(0n)],
];

function forComparable(overload: (name: string, type: CelType) => Overload): Overload[] {
  return Object.entries(comparable).map(([name, type]) => overload(name, type));
}

function isSorted(list: CelList): CelValue {
  let previous: CelValue | undefined;
  for (const item of itemsOf(list)) {
    if (previous !== undefined && compare(previous, item) === 1) return false;
    previous = item;
  }
  return true;
}

const sum =
  (zero: CelValue) =>
  (list: CelList): CelValue => {
    let total = zero;
    for (const item of itemsOf(list)) {
      total = add(total, item);
      if (total instanceof CelError) return total;
    }
    return total;
  };

const extreme =
  (name: string, sign: number) =>
  (list: CelList): CelValue => {
    let best: CelValue | undefined;
    for (const item of itemsOf(list)) if (best === undefined || compare(item, best) === sign) best = item;
    return best ?? new CelError(`${name} called on empty list`);
  };

function indexOf(list: CelList, item: CelValue): CelValue {
  for (let index = 0; index < list.size; index++) if (equal(list.at(index), item) === true) return BigInt(index);
  return -1n;
}

function lastIndexOf(list: CelList, item: CelValue): CelValue {
  for (let index = list.size - 1; index >= 0; index--) if (equal(list.at(index), item) === true) return BigInt(index);
  return -1n;
}

export const listFunctions: readonly FunctionDeclaration[] = [
  declare(
    "isSorted",
    ...forComparable((name, type) => memberOverload(`list_${name}_is_sorted_bool`, [listType(type)], bool, isSorted)),
  ),
  declare(
    "sum",
    ...zeros.map(([name, type, zero]) => memberOverload(`list_${name}_sum_${name}`, [listType(type)], type, sum(zero))),
  ),
  declare(
    "max",
    ...forComparable((name, type) =>
      memberOverload(`list_${name}_max_${name}`, [listType(type)], type, extreme("max", 1)),
    ),
  ),
  declare(
    "min",
    ...forComparable((name, type) =>
      memberOverload(`list_${name}_min_${name}`, [listType(type)], type, extreme("min", -1)),
    ),
  ),
  declare("indexOf", memberOverload("list_a_index_of_int", [listOfA, paramA], int, indexOf)),
  declare("lastIndexOf", memberOverload("list_a_last_index_of_int", [listOfA, paramA], int, lastIndexOf)),
];
