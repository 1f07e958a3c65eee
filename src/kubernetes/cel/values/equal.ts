// Equality and order of values.

import { compareNumbers, isNumber } from "./numbers.ts";
import { CelError, type CelOptional, type CelValue, kindOf, NO_SUCH_OVERLOAD } from "./value.ts";

/** true, false, or an error. Numbers of different types are equal where their values are. */
export function equal(a: CelValue, b: CelValue): boolean | CelError {
  if (a === null || b === null) return a === b;
  if (typeof a === "string" || typeof a === "boolean") return a === b;
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  switch (a.kind) {
    case "timestamp":
    case "duration":
      return kindOf(b) === a.kind && a.nanos === (b as typeof a).nanos;
    case "type":
      return kindOf(b) === "type" && a.type.name === (b as typeof a).type.name;
    case "optional":
      return kindOf(b) === "optional" && equalOptionals(a, b as CelOptional);
    case "error":
      return a;
    default:
      return asBoolean(a.equal(b));
  }
}

function asBoolean(value: CelValue): boolean | CelError {
  if (typeof value === "boolean") return value;
  return value instanceof CelError ? value : NO_SUCH_OVERLOAD;
}

function equalOptionals(a: CelOptional, b: CelOptional): boolean | CelError {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value);
}

const NAN_ORDER = new CelError("NaN values cannot be ordered");

/** -1, 0 or 1; an error for values that have no order. */
export function compare(a: CelValue, b: CelValue): number | CelError {
  if (isNumber(a)) return isNumber(b) ? (compareNumbers(a, b) ?? NAN_ORDER) : orError(b);
  if (typeof a === "string") return typeof b === "string" ? compareStrings(a, b) : orError(b);
  if (typeof a === "boolean") return typeof b === "boolean" ? Number(a) - Number(b) : orError(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.compare(a, b) : orError(b);
  const kind = kindOf(a);
  if (kind !== "timestamp" && kind !== "duration") return NO_SUCH_OVERLOAD;
  if (kindOf(b) !== kind) return orError(b);
  const left = (a as { nanos: bigint }).nanos;
  const right = (b as { nanos: bigint }).nanos;
  return left < right ? -1 : left > right ? 1 : 0;
}

function orError(value: CelValue): CelError {
  return value instanceof CelError ? value : NO_SUCH_OVERLOAD;
}

/** By code points, as Go orders UTF-8; JavaScript's own order differs above U+FFFF only. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rankUnit(left) < rankUnit(right) ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

/** Surrogates stand for code points above all other units. */
function rankUnit(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
