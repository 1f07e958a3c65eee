// Optional values: optional.of(x), x.orValue(y), a.?b and the rest. `or` and `orValue` are planned apart, for they look at their
// second argument only if they must.

import { operators } from "../../syntax/operators.ts";
import { isZero } from "../../values/convert.ts";
import { ArrayList, itemsOf } from "../../values/list.ts";
import { printValue } from "../../values/print.ts";
import { listType, mapType, optionalType, paramType, types } from "../../values/type.ts";
import { CelError, type CelList, CelOptional, type CelValue, NONE } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";

const paramK = paramType("K");
const paramV = paramType("V");
const optionalV = optionalType(paramV);
const listV = listType(paramV);
const mapKV = mapType(paramK, paramV);
const optionals = listType(optionalV);

function first(list: CelList): CelValue {
  return list.size === 0 ? NONE : new CelOptional(list.at(0));
}

function last(list: CelList): CelValue {
  return list.size === 0 ? NONE : new CelOptional(list.at(list.size - 1));
}

function unwrap(list: CelList): CelValue {
  const present: CelValue[] = [];
  for (const item of itemsOf(list)) {
    if (!(item instanceof CelOptional)) return new CelError(`value ${printValue(item)} is not optional`);
    if (item.value !== undefined) present.push(item.value);
  }
  return new ArrayList(present);
}

export const optionalFunctions: readonly FunctionDeclaration[] = [
  declare(
    "optional.of",
    globalOverload("optional_of", [paramV], optionalV, (value) => new CelOptional(value)),
  ),
  declare(
    "optional.ofNonZeroValue",
    globalOverload("optional_ofNonZeroValue", [paramV], optionalV, (value) =>
      isZero(value) ? NONE : new CelOptional(value),
    ),
  ),
  declare(
    "optional.none",
    globalOverload("optional_none", [], optionalV, () => NONE),
  ),
  declare(
    "value",
    memberOverload("optional_value", [optionalV], paramV, (optional: CelOptional) =>
      optional.value === undefined ? new CelError("optional.none() dereference") : optional.value,
    ),
  ),
  declare(
    "hasValue",
    memberOverload(
      "optional_hasValue",
      [optionalV],
      types.bool,
      (optional: CelOptional) => optional.value !== undefined,
    ),
  ),
  declare("or", memberOverload("optional_or_optional", [optionalV, optionalV], optionalV)),
  declare("orValue", memberOverload("optional_orValue_value", [optionalV, paramV], paramV)),
  declare(operators.optionalSelect, globalOverload("select_optional_field", [types.dyn, types.string], optionalV)),
  declare(
    operators.optionalIndex,
    globalOverload("list_optindex_optional_int", [listV, types.int], optionalV),
    globalOverload("optional_list_optindex_optional_int", [optionalType(listV), types.int], optionalV),
    globalOverload("map_optindex_optional_value", [mapKV, paramK], optionalV),
    globalOverload("optional_map_optindex_optional_value", [optionalType(mapKV), paramK], optionalV),
  ),
  declare(
    operators.index,
    globalOverload("optional_list_index_int", [optionalType(listV), types.int], optionalV),
    globalOverload("optional_map_index_value", [optionalType(mapKV), paramK], optionalV),
  ),
  declare("last", memberOverload("list_last", [listV], optionalV, last)),
  declare("first", memberOverload("list_first", [listV], optionalV, first)),
  declare("optional.unwrap", globalOverload("optional_unwrap", [optionals], listV, unwrap)),
  declare("unwrapOpt", memberOverload("optional_unwrapOpt", [optionals], listV, unwrap)),
];
