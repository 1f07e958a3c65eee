import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countIndexes,
  countOverlap,
  firstFree,
  formatIntervals,
  hasIndex,
  mergeIntervals,
  parseIntervals,
  withIndexes,
} from "./intervals.ts";

test("parseIntervals, formatIntervals: there and back", () => {
  for (const text of ["", "0", "1,3-5,7", "0,1", "2,3,5-9"]) {
    assert.equal(formatIntervals(parseIntervals(text, 100)), text);
  }
});

test("parseIntervals: cuts at the number of completions and leaves nonsense out", () => {
  assert.equal(formatIntervals(parseIntervals("1,3-50,70", 10)), "1,3-9");
  assert.equal(formatIntervals(parseIntervals("1,x,3-y,5", 10)), "1,5");
});

test("mergeIntervals, withIndexes: neighbours become one", () => {
  const merged = mergeIntervals(parseIntervals("0-2,8", 100), parseIntervals("3,5-6", 100));
  assert.equal(formatIntervals(merged), "0-3,5,6,8");
  assert.equal(formatIntervals(withIndexes(merged, [4, 7, 20])), "0-8,20");
});

test("countIndexes, hasIndex, countOverlap", () => {
  const intervals = parseIntervals("1,3-5", 100);
  assert.equal(countIndexes(intervals), 4);
  assert.deepEqual(
    [0, 1, 2, 3, 5, 6].map((index) => hasIndex(intervals, index)),
    [false, true, false, true, true, false],
  );
  assert.equal(countOverlap(intervals, parseIntervals("0-3,5-9", 100)), 3);
});

test("firstFree: fills the holes first", () => {
  assert.deepEqual(firstFree(parseIntervals("1,3-5", 10), 4, 10), [0, 2, 6, 7]);
  assert.deepEqual(firstFree(parseIntervals("0-8", 10), 4, 10), [9]);
  assert.deepEqual(firstFree([], 2, 1), [0]);
});
