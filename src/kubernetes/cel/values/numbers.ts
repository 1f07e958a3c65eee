// Sums of CEL's numbers: 64 bits wide, an error on overflow; and how numbers of different types compare.

import { CelError, CelUint } from "./value.ts";

export const MAX_INT = 2n ** 63n - 1n;
export const MIN_INT = -(2n ** 63n);
export const MAX_UINT = 2n ** 64n - 1n;

export const INT_OVERFLOW = new CelError("integer overflow");
export const UINT_OVERFLOW = new CelError("unsigned integer overflow");
export const DIVISION_BY_ZERO = new CelError("division by zero");
export const MODULUS_BY_ZERO = new CelError("modulus by zero");

export function checkInt(value: bigint): bigint | CelError {
  return BigInt.asIntN(64, value) === value ? value : INT_OVERFLOW;
}

export function checkUint(value: bigint): CelUint | CelError {
  return BigInt.asUintN(64, value) === value ? new CelUint(value) : UINT_OVERFLOW;
}

export function doubleToInt(value: number): bigint | CelError {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) return INT_OVERFLOW;
  return BigInt(Math.trunc(value));
}

export function doubleToUint(value: number): CelUint | CelError {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) return UINT_OVERFLOW;
  return new CelUint(BigInt(Math.trunc(value)));
}

export type CelNumber = bigint | number | CelUint;

export function isNumber(value: unknown): value is CelNumber {
  return typeof value === "bigint" || typeof value === "number" || value instanceof CelUint;
}

/** -1, 0 or 1; undefined where one is NaN. An int and a double compare as doubles, as cel-go has it. */
export function compareNumbers(a: CelNumber, b: CelNumber): number | undefined {
  if (typeof a === "number" || typeof b === "number") return compareDoubles(toDouble(a), toDouble(b));
  const left = typeof a === "bigint" ? a : a.value;
  const right = typeof b === "bigint" ? b : b.value;
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareDoubles(a: number, b: number): number | undefined {
  if (Number.isNaN(a) || Number.isNaN(b)) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}

export function toDouble(value: CelNumber): number {
  if (typeof value === "number") return value;
  return Number(typeof value === "bigint" ? value : value.value);
}
