// Sets of completion indexes as ordered intervals, and as text: "1,3-5,7". Pure.

export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** In order, apart from each other by at least one index. */
export type Intervals = readonly Interval[];

/** Reads the text, leaving out what is not below `completions` or no number. */
export function parseIntervals(text: string | undefined, completions: number): Intervals {
  const intervals: Interval[] = [];
  for (const part of (text ?? "").split(",")) {
    const [firstText = "", lastText = firstText] = part.split("-");
    if (!/^\d+$/.test(firstText) || !/^\d+$/.test(lastText)) continue;
    const first = Number(firstText);
    if (first >= completions) break;
    intervals.push({ first, last: Math.min(Number(lastText), completions - 1) });
  }
  return mergeIntervals(intervals, []);
}

export function formatIntervals(intervals: Intervals): string {
  const parts = intervals.map(({ first, last }) => {
    if (first === last) return String(first);
    return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
  });
  return parts.join(",");
}

export function mergeIntervals(a: Intervals, b: Intervals): Intervals {
  const merged: { first: number; last: number }[] = [];
  for (const { first, last } of [...a, ...b].sort((x, y) => x.first - y.first)) {
    const previous = merged.at(-1);
    if (previous && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
    else merged.push({ first, last });
  }
  return merged;
}

export function withIndexes(intervals: Intervals, indexes: Iterable<number>): Intervals {
  return mergeIntervals(
    intervals,
    [...indexes].map((index) => ({ first: index, last: index })),
  );
}

export function countIndexes(intervals: Intervals): number {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

export function hasIndex(intervals: Intervals, index: number): boolean {
  return intervals.some(({ first, last }) => first <= index && index <= last);
}

/** How many indexes are in both. */
export function countOverlap(a: Intervals, b: Intervals): number {
  let count = 0;
  for (const one of a) {
    for (const other of b) {
      count += Math.max(0, Math.min(one.last, other.last) - Math.max(one.first, other.first) + 1);
    }
  }
  return count;
}

/** The first `count` indexes below `completions` that are not taken. */
export function firstFree(taken: Intervals, count: number, completions: number): number[] {
  const free: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...taken, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && free.length < count; candidate++) free.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return free;
}
