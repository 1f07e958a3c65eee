// Whole numbers in queries, refused in the words of Go's strconv, which upstream hands on.

import { badRequest, quote } from "#kubernetes/api";

const largest = 2n ** 63n;

/** Undefined where the query has none. Throws BadRequest, also for a parameter without a value. */
export function readQueryInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const refuse = (why: string) => badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refuse("invalid syntax");
  const value = BigInt(text.replace(/^\+/, ""));
  if (value >= largest || value < -largest) throw refuse("value out of range");
  return Number(value);
}
