import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAccessModes, formatLabels } from "./cells.ts";
import { formatAge, formatHumanDuration } from "./human-duration.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const durations: readonly (readonly [milliseconds: number, text: string])[] = [
  [-2 * second, "<invalid>"],
  [-second, "0s"],
  [0, "0s"],
  [119 * second, "119s"],
  [2 * minute, "2m"],
  [9 * minute + 59 * second, "9m59s"],
  [10 * minute, "10m"],
  [179 * minute, "179m"],
  [3 * hour, "3h"],
  [7 * hour + 59 * minute, "7h59m"],
  [8 * hour, "8h"],
  [47 * hour, "47h"],
  [2 * day, "2d"],
  [7 * day + 23 * hour, "7d23h"],
  [8 * day, "8d"],
  [729 * day, "729d"],
  [730 * day, "2y"],
  [3 * 365 * day + 17 * day, "3y17d"],
  [8 * 365 * day, "8y"],
];
for (const [milliseconds, text] of durations) {
  test(`formatHumanDuration: ${milliseconds} ms is ${text}`, () =>
    assert.equal(formatHumanDuration(milliseconds), text));
}

test("formatAge: since a time, or unknown", () => {
  assert.equal(formatAge("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:05:01Z")), "5m1s");
  assert.equal(formatAge(null, 0), "<unknown>");
});

test("formatLabels: in order; none", () => {
  assert.equal(formatLabels({ b: "2", a: "1" }), "a=1,b=2");
  assert.equal(formatLabels({}), "<none>");
});

test("formatAccessModes: short, always in the same order", () => {
  assert.equal(
    formatAccessModes(["ReadWriteOncePod", "ReadWriteMany", "Any", "ReadOnlyMany", "ReadWriteOnce"]),
    "RWO,ROX,RWX,RWOP",
  );
  assert.equal(formatAccessModes(undefined), "");
});
