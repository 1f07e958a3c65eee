// What + - * / % and the negation of values mean.

import { checkInt, checkUint, DIVISION_BY_ZERO, MODULUS_BY_ZERO } from "./numbers.ts";
import { addToTimestamp, durationOf } from "./times.ts";
import {
  CelDuration,
  CelError,
  CelTimestamp,
  CelUint,
  type CelValue,
  isList,
  kindOf,
  NO_SUCH_OVERLOAD,
} from "./value.ts";

type Binary = (a: CelValue, b: CelValue) => CelValue;

const ORDERED = new Set(["boolean", "number", "bigint", "string", "bytes", "uint", "timestamp", "duration"]);

/** The types whose values know an operator at all: what they do not take is "no such overload" without the operator's name. */
const KNOWING: Readonly<Record<string, ReadonlySet<string>>> = {
  "_+_": new Set(["number", "bigint", "string", "bytes", "uint", "timestamp", "duration", "list"]),
  "_-_": new Set(["number", "bigint", "string", "uint", "timestamp", "duration"]),
  "_*_": new Set(["number", "bigint", "string", "uint", "timestamp", "duration"]),
  "_/_": new Set(["number", "bigint", "string", "uint", "timestamp", "duration"]),
  "_%_": new Set(["bigint", "string", "uint", "timestamp", "duration"]),
  ...Object.fromEntries(["_<_", "_<=_", "_>_", "_>=_"].map((name) => [name, ORDERED])),
  "-_": new Set(["number", "bigint", "boolean", "string", "timestamp", "duration"]),
};

/** The error of an operator that the values do not fit. */
export function noSuchOverload(name: string, a: CelValue, b?: CelValue): CelError {
  if (b instanceof CelError) return b;
  const kind = a instanceof Uint8Array ? "bytes" : (kindOf(a) ?? typeof a);
  return KNOWING[name]?.has(kind) ? NO_SUCH_OVERLOAD : new CelError(`no such overload: ${name}`);
}

export const add: Binary = (a, b) => {
  if (typeof a === "bigint" && typeof b === "bigint") return checkInt(a + b);
  if (typeof a === "string" && typeof b === "string") return a + b;
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a instanceof CelUint && b instanceof CelUint) return checkUint(a.value + b.value);
  if (isList(a) && isList(b)) return a.add(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.concat([a, b]);
  if (a instanceof CelDuration && b instanceof CelDuration) return durationOf(a.nanos + b.nanos);
  if (a instanceof CelDuration && b instanceof CelTimestamp) return addToTimestamp(b, a.nanos);
  if (a instanceof CelTimestamp && b instanceof CelDuration) return addToTimestamp(a, b.nanos);
  return noSuchOverload("_+_", a, b);
};

export const subtract: Binary = (a, b) => {
  if (typeof a === "bigint" && typeof b === "bigint") return checkInt(a - b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a instanceof CelUint && b instanceof CelUint) return checkUint(a.value - b.value);
  if (a instanceof CelDuration && b instanceof CelDuration) return durationOf(a.nanos - b.nanos);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return durationOf(a.nanos - b.nanos);
  if (a instanceof CelTimestamp && b instanceof CelDuration) return addToTimestamp(a, -b.nanos);
  return noSuchOverload("_-_", a, b);
};

export const multiply: Binary = (a, b) => {
  if (typeof a === "bigint" && typeof b === "bigint") return checkInt(a * b);
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (a instanceof CelUint && b instanceof CelUint) return checkUint(a.value * b.value);
  return noSuchOverload("_*_", a, b);
};

export const divide: Binary = (a, b) => {
  if (typeof a === "bigint" && typeof b === "bigint") return b === 0n ? DIVISION_BY_ZERO : checkInt(a / b);
  if (typeof a === "number" && typeof b === "number") return a / b;
  if (a instanceof CelUint && b instanceof CelUint) {
    return b.value === 0n ? DIVISION_BY_ZERO : checkUint(a.value / b.value);
  }
  return noSuchOverload("_/_", a, b);
};

export const modulo: Binary = (a, b) => {
  if (typeof a === "bigint" && typeof b === "bigint") {
    if (b === 0n) return MODULUS_BY_ZERO;
    // The least int by -1 overflows in Go, though its remainder is 0.
    return b === -1n ? negated(a, 0n) : a % b;
  }
  if (a instanceof CelUint && b instanceof CelUint) {
    return b.value === 0n ? MODULUS_BY_ZERO : checkUint(a.value % b.value);
  }
  return noSuchOverload("_%_", a, b);
};

function negated(value: bigint, result: bigint): CelValue {
  const checked = checkInt(-value);
  return checked instanceof CelError ? checked : result;
}

export function negate(value: CelValue): CelValue {
  if (typeof value === "bigint") return checkInt(-value);
  if (typeof value === "number") return -value;
  return noSuchOverload("-_", value);
}
