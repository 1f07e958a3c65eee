// Resource quantities ("100m", "1.5Gi", "12e6") as exact numbers: arithmetic, order, rounding. Text is parse.ts and format.ts.
// The rules are those of apimachinery's resource.Quantity.

/** How a quantity was written, and so how it is written again. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** unscaled × 10^exponent. Never changed: operations answer a new one. */
export interface Quantity {
  readonly unscaled: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

export const zeroQuantity: Quantity = { unscaled: 0n, exponent: 0, format: "DecimalSI" };

/** Numbers so far apart are not brought to a common exponent: the smaller one is nothing beside the other. */
const mostDigitsApart = 1000;

/** `value` in units of 10^exponent; exponent -3 for thousandths. */
export function makeQuantity(value: number | bigint, exponent = 0, format: QuantityFormat = "DecimalSI"): Quantity {
  return { unscaled: BigInt(value), exponent, format };
}

/** The sum, in a's format unless a is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const format = a.unscaled === 0n ? b.format : a.format;
  if (b.unscaled === 0n || a.unscaled === 0n) return { ...(b.unscaled === 0n ? a : b), format };
  const apart = magnitude(a) - magnitude(b);
  if (Math.abs(apart) > mostDigitsApart) return { ...(apart > 0 ? a : b), format };
  const exponent = Math.min(a.exponent, b.exponent);
  return { unscaled: atExponent(a, exponent) + atExponent(b, exponent), exponent, format };
}

/** The difference, in a's format unless a is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return addQuantities(a, negateQuantity(b));
}

export function negateQuantity(quantity: Quantity): Quantity {
  return { ...quantity, unscaled: -quantity.unscaled };
}

export function multiplyQuantity(quantity: Quantity, factor: number | bigint): Quantity {
  return { ...quantity, unscaled: quantity.unscaled * BigInt(factor) };
}

/** Below 0, 0 or above 0 as a is less than, equal to or more than b. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const bySign = signOf(a) - signOf(b);
  if (bySign !== 0 || a.unscaled === 0n) return Math.sign(bySign);
  const apart = magnitude(a) - magnitude(b);
  // Equal numbers differ by at most 0; so does one whose digits decide.
  if (apart !== 0) return Math.sign(apart) * signOf(a);
  const exponent = Math.min(a.exponent, b.exponent);
  const [left, right] = [atExponent(a, exponent), atExponent(b, exponent)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** -1, 0 or 1. */
export function signOf(quantity: Quantity): number {
  return quantity.unscaled < 0n ? -1 : quantity.unscaled > 0n ? 1 : 0;
}

/** The number of units of 10^exponent, a fraction of one rounded away from zero: exponent -3 gives thousandths. */
export function scaledValue(quantity: Quantity, exponent: number): bigint {
  return roundUp(quantity.unscaled, exponent - quantity.exponent);
}

/** The same quantity without digits below 10^exponent, rounded away from zero. */
export function roundUpQuantity(quantity: Quantity, exponent: number): Quantity {
  if (quantity.exponent >= exponent) return quantity;
  return { unscaled: scaledValue(quantity, exponent), exponent, format: quantity.format };
}

/** Divides by 10^digits, rounding away from zero; multiplies where `digits` is negative. */
export function roundUp(value: bigint, digits: number): bigint {
  if (digits <= 0) return value * 10n ** BigInt(-digits);
  const sign = value < 0n ? -1n : 1n;
  if (digits > countDigits(value)) return value === 0n ? 0n : sign;
  const divisor = 10n ** BigInt(digits);
  const whole = value / divisor;
  return value % divisor === 0n ? whole : whole + sign;
}

function atExponent(quantity: Quantity, exponent: number): bigint {
  return quantity.unscaled * 10n ** BigInt(quantity.exponent - exponent);
}

/** The decimal place of the first digit, counted from the point. */
function magnitude(quantity: Quantity): number {
  return countDigits(quantity.unscaled) + quantity.exponent;
}

function countDigits(value: bigint): number {
  return value.toString().length - (value < 0n ? 1 : 0);
}
