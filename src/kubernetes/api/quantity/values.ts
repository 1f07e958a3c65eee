// Quantities as plain numbers, straight from the text an object holds: what schedulers and quotas count with.

import { parseQuantity } from "./parse.ts";
import { scaledValue } from "./quantity.ts";

const mostCached = 10_000;

/** Whole units, a fraction rounded up: bytes of memory, pods. Absent: 0. Throws QuantityError. */
export const quantityValue: (text: string | undefined) => number = cached((text) => toNumber(text, 0));

/** Thousandths, a fraction rounded up: milli-CPUs. Absent: 0. Throws QuantityError. */
export const quantityMilliValue: (text: string | undefined) => number = cached((text) => toNumber(text, -3));

/** Where upstream's int64 would overflow, to 0 or worse, this is the number as near as a double comes, up to Infinity. */
function toNumber(text: string, exponent: number): number {
  const quantity = parseQuantity(text);
  const far = quantity.exponent > 400 && quantity.unscaled !== 0n;
  if (far) return quantity.unscaled < 0n ? -Infinity : Infinity;
  return Number(scaledValue(quantity, exponent));
}

function cached(convert: (text: string) => number): (text: string | undefined) => number {
  const known = new Map<string, number>();
  return (text) => {
    if (text === undefined) return 0;
    const value = known.get(text);
    if (value !== undefined) return value;
    const converted = convert(text);
    if (known.size >= mostCached) known.clear();
    known.set(text, converted);
    return converted;
  };
}
