// sets.contains, sets.equivalent and sets.intersects: lists compared as sets.

import { itemsOf } from "../../values/list.ts";
import { listType, paramType, types } from "../../values/type.ts";
import type { CelList, CelValue } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload } from "../declare.ts";

const listOfT = listType(paramType("T"));

function contains(list: CelList, part: CelList): CelValue {
  for (const item of itemsOf(part)) {
    const found = list.contains(item);
    if (found !== true) return found;
  }
  return true;
}

function equivalent(a: CelList, b: CelList): CelValue {
  const found = contains(a, b);
  return found === true ? contains(b, a) : found;
}

function intersects(a: CelList, b: CelList): CelValue {
  for (const item of itemsOf(a)) if (b.contains(item) === true) return true;
  return false;
}

function setFunction(name: string, call: (a: CelList, b: CelList) => CelValue): FunctionDeclaration {
  return declare(`sets.${name}`, globalOverload(`list_sets_${name}_list`, [listOfT, listOfT], types.bool, call));
}

export const setFunctions: readonly FunctionDeclaration[] = [
  setFunction("contains", contains),
  setFunction("equivalent", equivalent),
  setFunction("intersects", intersects),
];
