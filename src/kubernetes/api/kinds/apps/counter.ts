// Numbers that once were fields and are kept in annotations, which upstream reads while it decodes.

import { quote } from "../../go-format.ts";

/** The text is no integer of 64 bits; the message is Go's. */
export class CounterError extends Error {
  override readonly name = "CounterError";
}

/** Throws CounterError. */
export function parseCounter(text: string): bigint {
  const value = /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
  if (value !== undefined && BigInt.asIntN(64, value) === value) return value;
  const problem = value === undefined ? "invalid syntax" : "value out of range";
  throw new CounterError(`strconv.ParseInt: parsing ${quote(text)}: ${problem}`);
}
