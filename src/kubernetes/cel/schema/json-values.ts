// JSON as CEL values, without a schema: whole numbers are ints. Nothing is copied; parts become values when looked at.

import { equal } from "../values/equal.ts";
import { concatenate, containsItem, equalItems } from "../values/list.ts";
import { printDuration, printTimestamp } from "../values/times.ts";
import {
  CelDuration,
  CelError,
  type CelList,
  type CelMap,
  CelOptional,
  CelTimestamp,
  CelUint,
  type CelValue,
  isList,
  isMap,
} from "../values/value.ts";

/** A value of JSON. */
export function fromJson(json: unknown): CelValue {
  switch (typeof json) {
    case "string":
    case "boolean":
    case "bigint":
      return json;
    case "number":
      return Number.isInteger(json) ? BigInt(json) : json;
    case "object":
      if (json === null) return null;
      return Array.isArray(json) ? new JsonList(json) : new JsonMap(json as JsonObject);
    default:
      return null;
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

class JsonList implements CelList {
  readonly kind = "list";
  readonly raw: readonly unknown[];

  constructor(raw: readonly unknown[]) {
    this.raw = raw;
  }

  get size(): number {
    return this.raw.length;
  }

  at(index: number): CelValue {
    return fromJson(this.raw[index]);
  }

  equal(other: CelValue): CelValue {
    return isList(other) && equalItems(this, other);
  }

  add(other: CelList): CelValue {
    return concatenate(this, other);
  }

  contains(value: CelValue): CelValue {
    return containsItem(this, value);
  }
}

class JsonMap implements CelMap {
  readonly kind = "map";
  readonly raw: JsonObject;
  #size: number | undefined;

  constructor(raw: JsonObject) {
    this.raw = raw;
  }

  get size(): number {
    this.#size ??= Object.keys(this.raw).length;
    return this.#size;
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.raw, key)) return undefined;
    return fromJson(this.raw[key]);
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.raw);
  }

  equal(other: CelValue): CelValue {
    if (!isMap(other) || this.size !== other.size) return false;
    for (const key of Object.keys(this.raw)) {
      const found = other.find(key);
      if (found === undefined || equal(fromJson(this.raw[key]), found) === false) return false;
    }
    return true;
  }
}

/** Values made of JSON, as that JSON; others as the JSON they stand for. Types, errors and the like are undefined. */
export function toJson(value: CelValue): unknown {
  if (typeof value === "bigint") return toJsonNumber(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof CelUint) return toJsonNumber(value.value);
  if (value instanceof CelTimestamp) return printTimestamp(value);
  if (value instanceof CelDuration) return printDuration(value);
  if (value instanceof CelOptional) return value.value === undefined ? undefined : toJson(value.value);
  if (value instanceof CelError) return undefined;
  if (hasRaw(value)) return value.raw;
  if (isList(value)) return Array.from({ length: value.size }, (_item, index) => toJson(value.at(index)));
  return isMap(value) ? toJsonObject(value) : undefined;
}

function toJsonNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function hasRaw(value: object): value is { readonly raw: unknown } {
  return "raw" in value;
}

function toJsonObject(map: CelMap): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const key of map.keys()) {
    const value = toJson(map.find(key)!);
    Object.defineProperty(object, String(toJson(key)), { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}
