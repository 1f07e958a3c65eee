// Sizes and costs that are not known exactly: from the least to the most they can be. What is unbounded ends at 2^64.

export interface Range {
  readonly min: number;
  readonly max: number;
}

const MOST = 2 ** 64;

export const UNKNOWN: Range = { min: 0, max: MOST };

export function fixed(value: number): Range {
  return { min: value, max: value };
}

function limited(value: number): number {
  return Math.min(value, MOST);
}

export function plus(a: Range, b: Range): Range {
  return { min: limited(a.min + b.min), max: limited(a.max + b.max) };
}

export function times(a: Range, b: Range): Range {
  return { min: limited(a.min * b.min), max: limited(a.max * b.max) };
}

/** As cost per unit of size, rounded up. */
export function scaled(range: Range, factor: number): Range {
  return { min: limited(Math.ceil(range.min * factor)), max: limited(Math.ceil(range.max * factor)) };
}

/** From the lesser least to the greater most. */
export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
