// Reads quantities from text.

import { type Quantity, type QuantityFormat, roundUp } from "./quantity.ts";

/** The text is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

/** A text taken apart. */
export interface QuantityParts {
  readonly negative: boolean;
  /** Digits before the point without leading zeros, "0" where there are none, and digits after it. */
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: QuantitySuffix;
}

export interface QuantitySuffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

const pattern = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const patternShown = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

/** Nothing is kept below this power of ten. */
const smallestExponent = -9;
const largestBinary = 2n ** 63n - 1n;

/** The suffixes and their powers, in order of size. */
export const decimalSuffixes: ReadonlyMap<string, number> = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
export const binarySuffixes: ReadonlyMap<string, number> = new Map([
  ["Ki", 10],
  ["Mi", 20],
  ["Gi", 30],
  ["Ti", 40],
  ["Pi", 50],
  ["Ei", 60],
]);

/** Reads a quantity, rounded up to 10^-9; binary ones end at 2^63-1. Throws QuantityError. */
export function parseQuantity(text: string): Quantity {
  return evaluate(splitQuantity(text));
}

/** Takes a text apart. Throws QuantityError. */
export function splitQuantity(text: string): QuantityParts {
  const match = text === "" ? null : pattern.exec(text);
  if (!match) throw new QuantityError(`quantities must match the regular expression '${patternShown}'`);
  const [, sign, zeros, whole = "", fraction = "", suffixText = ""] = match;
  const suffix = readSuffix(suffixText);
  if (zeros === "" && whole === "" && fraction === "" && !mayLackDigits(suffix)) {
    throw new QuantityError("unable to parse numeric part of quantity");
  }
  return { negative: sign === "-", whole: whole === "" ? "0" : whole, fraction, suffix };
}

/** Upstream takes "k" and "." for 0, but not "Pi": only its fast path does without digits. */
function mayLackDigits({ base, exponent }: QuantitySuffix): boolean {
  return base === 2 ? exponent < 50 : exponent >= smallestExponent;
}

export function evaluate({ negative, whole, fraction, suffix }: QuantityParts): Quantity {
  const digits = BigInt(whole + fraction);
  const size = suffix.base === 2 ? limitBinary(digits << BigInt(suffix.exponent), fraction.length) : digits;
  const exponent = (suffix.base === 2 ? 0 : suffix.exponent) - fraction.length;
  const rounded = exponent < smallestExponent ? roundUp(size, smallestExponent - exponent) : size;
  return {
    unscaled: negative ? -rounded : rounded,
    exponent: Math.max(exponent, smallestExponent),
    format: suffix.base === 2 && isFraction(size, fraction.length) ? "DecimalSI" : suffix.format,
  };
}

function limitBinary(size: bigint, places: number): bigint {
  const most = largestBinary * 10n ** BigInt(places);
  return size > most ? most : size;
}

/** Between 0 and 1: upstream shows these in decimal. */
function isFraction(size: bigint, places: number): boolean {
  return places > 0 && size > 0n && size < 10n ** BigInt(places);
}

function readSuffix(text: string): QuantitySuffix {
  const decimal = decimalSuffixes.get(text);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: "DecimalSI" };
  const binary = binarySuffixes.get(text);
  if (binary !== undefined) return { base: 2, exponent: binary, format: "BinarySI" };
  if (/^[eE][-+]?[0-9]+$/.test(text)) {
    const exponent = BigInt(text.slice(text[1] === "+" ? 2 : 1));
    // Upstream reads 64 bits and keeps 32.
    if (BigInt.asIntN(64, exponent) === exponent) {
      return { base: 10, exponent: Number(BigInt.asIntN(32, exponent)), format: "DecimalExponent" };
    }
  }
  throw new QuantityError("unable to parse quantity's suffix");
}
