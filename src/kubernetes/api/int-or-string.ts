// Values that are a number or a text: ports by number or name, counts or percentages.

import { quote } from "./go-format.ts";

export type IntOrString = number | string;

/** A text that is neither a number nor a percentage stands where one is wanted; the message is upstream's. */
export class IntOrStringError extends Error {
  override readonly name = "IntOrStringError";
}

/** The number where the text is one of 32 bits ("80"), else the text: how a name on a command line is read. */
export function parseIntOrString(text: string): IntOrString {
  const value = parseDecimal(text);
  return value !== undefined && value >= -(2 ** 31) && value < 2 ** 31 ? value : text;
}

/** The number, also of a text; 0 for a text that is none. */
export function intValue(value: IntOrString): number {
  return typeof value === "number" ? value : (parseDecimal(value) ?? 0);
}

/**
 * A count as it is, a percentage of `total` rounded up or down: upstream's GetScaledValueFromIntOrPercent. Throws
 * IntOrStringError for other texts.
 */
export function scaleIntOrPercent(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === "number") return value;
  const scaled = (parsePercent(value) * total) / 100;
  return roundUp ? Math.ceil(scaled) : Math.floor(scaled);
}

function parsePercent(text: string): number {
  if (!text.endsWith("%")) {
    throw new IntOrStringError("invalid value for IntOrString: invalid type: string is not a percentage");
  }
  const digits = text.slice(0, -1);
  const percent = parseDecimal(digits);
  if (percent !== undefined) return percent;
  const why = /^[+-]?[0-9]+$/.test(digits) ? "value out of range" : "invalid syntax";
  throw new IntOrStringError(
    `invalid value for IntOrString: invalid value ${quote(text)}: strconv.Atoi: parsing ${quote(digits)}: ${why}`,
  );
}

/** Go's strconv.Atoi: a number of 64 bits. */
function parseDecimal(text: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, value) === value ? Number(value) : undefined;
}
