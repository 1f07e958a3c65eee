// What the transformMap macros build their maps with.

import { operators } from "../../syntax/operators.ts";
import { EntryMap, GrowingMap, MapBuilder } from "../../values/map.ts";
import { mapType, paramType } from "../../values/type.ts";
import type { CelMap, CelValue } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload } from "../declare.ts";

const paramK = paramType("K");
const paramV = paramType("V");
const mapKV = mapType(paramK, paramV);

function startFrom(map: CelMap): MapBuilder {
  if (map instanceof EntryMap) return new MapBuilder(map);
  const builder = new MapBuilder();
  for (const key of map.keys()) builder.set(key, map.find(key)!);
  return builder;
}

function insertValue(map: CelMap, key: CelValue, value: CelValue): CelValue {
  if (map instanceof GrowingMap) return map.insert(key, value) ?? map;
  const builder = startFrom(map);
  return builder.insert(key, value) ?? builder.build();
}

function insertAll(map: CelMap, added: CelMap): CelValue {
  const builder = map instanceof GrowingMap ? map : startFrom(map);
  for (const key of added.keys()) {
    const error = builder.insert(key, added.find(key)!);
    if (error) return error;
  }
  return builder instanceof GrowingMap ? builder : builder.build();
}

export const mapInsertFunctions: readonly FunctionDeclaration[] = [
  declare(
    operators.mapInsert,
    globalOverload("@mapInsert_map_key_value", [mapKV, paramK, paramV], mapKV, insertValue),
    globalOverload("@mapInsert_map_map", [mapKV, mapKV], mapKV, insertAll),
  ),
];
