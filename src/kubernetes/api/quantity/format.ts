// Writes quantities in their canonical form: no fraction, the largest suffix that loses nothing.

import { binarySuffixes, decimalSuffixes, evaluate, type QuantityParts, splitQuantity } from "./parse.ts";
import { type Quantity, scaledValue } from "./quantity.ts";

const decimalByExponent = new Map([...decimalSuffixes].map(([suffix, exponent]) => [exponent, suffix]));
const binaryByExponent = new Map([...binarySuffixes].map(([suffix, exponent]) => [exponent, suffix]));

const mostCached = 10_000;
const longestCached = 64;
const canonicalTexts = new Map<string, string>();

/** The canonical text: "1500m" for 1.5, "1536Mi" for 1.5Gi. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.unscaled === 0n) return "0";
  if (quantity.format === "BinarySI") {
    const whole = wholeNumber(quantity);
    // What is small or broken would be rounded in binary, so it is shown in decimal.
    if (whole !== undefined && (whole <= -1024n || whole >= 1024n)) return formatBinary(whole);
  }
  return formatDecimal(quantity);
}

/**
 * The text as an answer of the API shows it: canonical, except that upstream keeps some texts it takes for canonical as they
 * were written ("1.500", "+1", "1E3"). Throws QuantityError.
 */
export function canonicalizeQuantity(text: string): string {
  const known = canonicalTexts.get(text);
  if (known !== undefined) return known;
  const parts = splitQuantity(text);
  const canonical = isKeptAsWritten(parts) ? text : formatQuantity(evaluate(parts));
  if (text.length <= longestCached) {
    if (canonicalTexts.size >= mostCached) canonicalTexts.clear();
    canonicalTexts.set(text, canonical);
  }
  return canonical;
}

function wholeNumber(quantity: Quantity): bigint | undefined {
  const whole = scaledValue(quantity, 0);
  if (quantity.exponent >= 0) return whole;
  return whole * 10n ** BigInt(-quantity.exponent) === quantity.unscaled ? whole : undefined;
}

function formatBinary(whole: bigint): string {
  let exponent = 0;
  while (whole % 1024n === 0n && (whole >= 1024n || whole <= -1024n)) {
    whole /= 1024n;
    exponent += 10;
  }
  return `${whole}${binaryByExponent.get(exponent) ?? ""}`;
}

function formatDecimal(quantity: Quantity): string {
  const text = quantity.unscaled.toString();
  const digits = text.replace(/0+$/, "");
  const exponent = quantity.exponent + text.length - digits.length;
  const below = ((exponent % 3) + 3) % 3;
  return digits + "0".repeat(below) + decimalSuffix(exponent - below, quantity.format);
}

/** Beyond the largest suffix upstream leaves it out, wrong as that is. */
function decimalSuffix(exponent: number, format: Quantity["format"]): string {
  if (format !== "DecimalExponent") return decimalByExponent.get(exponent) ?? "";
  return exponent === 0 ? "" : `e${exponent}`;
}

/** Upstream's test on its fast path, for numbers of up to 18 digits that need no rounding. */
function isKeptAsWritten({ whole, fraction, suffix }: QuantityParts): boolean {
  if (suffix.base === 2) {
    const fits = fraction === "" && 14 - whole.length - suffix.exponent * 0.3 >= 0;
    return fits && (BigInt(whole) & 7n) !== 0n;
  }
  const digits = whole + fraction;
  const exponent = suffix.exponent - fraction.length;
  if (digits.length > 18 || exponent < -9 || exponent % 3 !== 0) return false;
  return !digits.endsWith("000") && !digits.startsWith("0");
}
