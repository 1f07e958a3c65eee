// cel-go's extension functions on lists: slice, flatten, sort, distinct, reverse, lists.range.

import { comparableTypes } from "../../cost/comparable-types.ts";
import { compare, equal } from "../../values/equal.ts";
import { ArrayList, itemsOf, RangeList } from "../../values/list.ts";
import { listType, paramType, types } from "../../values/type.ts";
import { CelError, type CelList, type CelValue, isList, typeOf } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";

const { int } = types;
const listOfT = listType(paramType("T"));
const listOfDyn = listType(types.dyn);

function slice(list: CelList, start: bigint, end: bigint): CelValue {
  const what = `cannot slice(${start}, ${end}), `;
  if (start < 0n || end < 0n) return new CelError(`${what}negative indexes not supported`);
  if (start > end) return new CelError(`${what}start index must be less than or equal to end index`);
  if (BigInt(list.size) < end) return new CelError(`${what}list is length ${list.size}`);
  return new ArrayList(Array.from({ length: Number(end - start) }, (_item, index) => list.at(Number(start) + index)));
}

function flatten(list: CelList, depth: bigint): CelValue {
  if (depth < 0n) return new CelError("level must be non-negative");
  const items: CelValue[] = [];
  collectItems(list, depth, items);
  return new ArrayList(items);
}

function collectItems(list: CelList, depth: bigint, items: CelValue[]): void {
  for (const item of itemsOf(list)) {
    if (depth > 0n && isList(item)) collectItems(item, depth - 1n, items);
    else items.push(item);
  }
}

function flattenCall(...args: readonly CelValue[]): CelValue {
  const [list, depth] = args;
  const shown = (value: CelValue | undefined): string => (value === undefined ? "" : String(typeOf(value)));
  if (list === undefined || !isList(list) || (depth !== undefined && typeof depth !== "bigint")) {
    return new CelError(`no such overload: ${shown(list)}.flatten(${shown(depth)})`);
  }
  return flatten(list, depth ?? 1n);
}

function sort(list: CelList): CelValue {
  return sortBy(list, list);
}

/** The items in the order of their keys. */
function sortBy(list: CelList, keys: CelList): CelValue {
  if (list.size !== keys.size) {
    return new CelError(
      "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, " +
        `but got ${list.size} and ${keys.size} elements respectively`,
    );
  }
  if (list.size === 0) return list;
  const ranks = [...itemsOf(keys)];
  const first = ranks[0]!;
  if (compare(first, first) instanceof CelError) return new CelError("list elements must be comparable");
  if (ranks.some((rank) => typeOf(rank).name !== typeOf(first).name)) {
    return new CelError("list elements must have the same type");
  }
  const order = ranks.map((_rank, index) => index);
  order.sort((a, b) => Number(compare(ranks[a]!, ranks[b]!)));
  return new ArrayList(order.map((index) => list.at(index)));
}

function distinct(list: CelList): CelValue {
  const found: CelValue[] = [];
  for (const item of itemsOf(list)) if (!found.some((other) => equal(item, other) === true)) found.push(item);
  return new ArrayList(found);
}

function reverse(list: CelList): CelValue {
  return new ArrayList([...itemsOf(list)].reverse());
}

export const listExtensionFunctions: readonly FunctionDeclaration[] = [
  declare("slice", memberOverload("list_slice", [listOfT, int, int], listOfT, slice)),
  {
    ...declare(
      "flatten",
      memberOverload("list_flatten", [listType(listOfT)], listOfT),
      memberOverload("list_flatten_int", [listOfDyn, int], listOfDyn),
    ),
    call: flattenCall,
  },
  declare(
    "sort",
    ...comparableTypes.map((type) => memberOverload(`list_${type.name}_sort`, [listType(type)], listType(type), sort)),
  ),
  declare(
    "@sortByAssociatedKeys",
    ...comparableTypes.map((type) =>
      memberOverload(`list_${type.name}_sortByAssociatedKeys`, [listOfT, listType(type)], listOfT, sortBy),
    ),
  ),
  declare(
    "lists.range",
    globalOverload("lists_range", [int], listType(int), (end: bigint) => new RangeList(end)),
  ),
  declare("reverse", memberOverload("list_reverse", [listOfT], listOfT, reverse)),
  declare("distinct", memberOverload("list_distinct", [listOfT], listOfT, distinct)),
];
