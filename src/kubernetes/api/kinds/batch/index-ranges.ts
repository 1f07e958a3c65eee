// Sets of pod indexes as a Job writes them: "1,3-5,7", rising.

import { quote } from "../../go-format.ts";

/** The text is no such set; the message is upstream's. */
export class IndexRangeError extends Error {
  override readonly name = "IndexRangeError";
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** How many indexes the text names, all below `completions`. Throws IndexRangeError. */
export function countIndexes(text: string, completions: number): number {
  let total = 0;
  let previous: number | undefined;
  for (const part of text === "" ? [] : text.split(",")) {
    const { first, last } = parseRange(part, completions);
    if (previous !== undefined && previous >= first) throw notRising(previous, first);
    total += last - first + 1;
    previous = last;
  }
  return total;
}

/** The least index that both name; ranges that cannot be read are passed over. */
export function findOverlap(text: string, other: string, completions: number): number | undefined {
  const [left, right] = [text, other].map((each) => readableRanges(each, completions)) as [Range[], Range[]];
  let [at, otherAt] = [0, 0];
  while (at < left.length && otherAt < right.length) {
    const [a, b] = [left[at]!, right[otherAt]!];
    if (a.first <= b.last && b.first <= a.last) return Math.max(a.first, b.first);
    if (a.first <= b.first) at++;
    else otherAt++;
  }
  return undefined;
}

function readableRanges(text: string, completions: number): Range[] {
  return text.split(",").flatMap((part) => {
    try {
      return [parseRange(part, completions)];
    } catch {
      return [];
    }
  });
}

function parseRange(text: string, completions: number): Range {
  const [start = "", end, ...more] = text.split("-");
  if (more.length > 0) {
    const why = "violates the requirement that an index interval can have at most two parts separated by '-'";
    throw new IndexRangeError(`the fragment ${quote(text)} ${why}`);
  }
  const first = parseIndex(start, completions);
  if (end === undefined) return { first, last: first };
  const last = parseIndex(end, completions);
  if (first >= last) throw notRising(first, last);
  return { first, last };
}

function parseIndex(text: string, completions: number): number {
  const isInteger = /^\+?[0-9]+$/.test(text) && BigInt(text.replace("+", "")) < 2n ** 63n;
  if (!isInteger) throw new IndexRangeError(`cannot convert string to integer for index: ${quote(text)}`);
  if (Number(text) >= completions) throw new IndexRangeError(`too large index: ${quote(text)}`);
  return Number(text);
}

function notRising(previous: number, current: number): IndexRangeError {
  return new IndexRangeError(`non-increasing order, previous: ${previous}, current: ${current}`);
}
