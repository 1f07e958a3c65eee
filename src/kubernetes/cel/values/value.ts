// The values of CEL. Booleans, strings, doubles (number) and null are JavaScript's own, an int is a bigint (exact over 64
// bits), bytes a Uint8Array; the rest are objects told apart by `kind`. Errors are values too: `&&` and `||` look past them.

import { type CelType, runtimeTypes, types } from "./type.ts";

export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | CelUint
  | CelTimestamp
  | CelDuration
  | CelOptional
  | CelTypeValue
  | CelError
  | CelList
  | CelMap
  | CelOpaque;

export class CelUint {
  readonly kind = "uint";
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** An instant, in nanoseconds since 1970; it prints with the offset it was written with. */
export class CelTimestamp {
  readonly kind = "timestamp";
  readonly nanos: bigint;
  readonly offsetMinutes: number;

  constructor(nanos: bigint, offsetMinutes = 0) {
    this.nanos = nanos;
    this.offsetMinutes = offsetMinutes;
  }
}

export class CelDuration {
  readonly kind = "duration";
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class CelOptional {
  readonly kind = "optional";
  /** undefined where it is empty. */
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export const NONE = new CelOptional(undefined);

/** A type as a value. */
export class CelTypeValue {
  readonly kind = "type";
  readonly type: CelType;

  constructor(type: CelType) {
    this.type = type;
  }
}

export class CelError {
  readonly kind = "error";
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Lists differ in where their items lie, and in what equality and concatenation mean. Items are made when asked for. */
export interface CelList {
  readonly kind: "list";
  readonly size: number;
  /** The item at an index within bounds. */
  at(index: number): CelValue;
  equal(other: CelValue): CelValue;
  add(other: CelList): CelValue;
  contains(value: CelValue): CelValue;
}

export interface CelMap {
  readonly kind: "map";
  readonly size: number;
  /** The value under a key; undefined where there is none; an error where the key is none for this map. */
  find(key: CelValue): CelValue | undefined;
  /** Whether `in` finds the key, where that is not what `find` says: in maps with a default. */
  has?(key: CelValue): boolean;
  keys(): Iterable<CelValue>;
  equal(other: CelValue): CelValue;
}

/** A value of a library's own type. */
export interface CelOpaque {
  readonly kind: "opaque";
  readonly type: CelType;
  /** Whether they are equal; an error for values of another type. */
  equal(other: CelValue): CelValue;
  /** What `size` would count, for costs; absent where the value has no size. */
  readonly size?: number;
}

export function isError(value: CelValue): value is CelError {
  return value instanceof CelError;
}

export const NO_SUCH_OVERLOAD = new CelError("no such overload");

/** The value's type, without those of its parts. */
export function typeOf(value: CelValue): CelType {
  switch (typeof value) {
    case "boolean":
      return types.bool;
    case "bigint":
      return types.int;
    case "number":
      return types.double;
    case "string":
      return types.string;
  }
  if (value === null) return types.null;
  if (value instanceof Uint8Array) return types.bytes;
  switch (value.kind) {
    case "opaque":
      return value.type;
    case "list":
    case "map":
    case "optional":
      return runtimeTypes[value.kind];
    default:
      return types[value.kind];
  }
}

/** Lists, maps and the like: what is an object with a kind. */
export function kindOf(value: CelValue): string | undefined {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array) ? value.kind : undefined;
}

export function isList(value: CelValue): value is CelList {
  return kindOf(value) === "list";
}

export function isMap(value: CelValue): value is CelMap {
  return kindOf(value) === "map";
}
