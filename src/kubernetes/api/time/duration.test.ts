import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../testing/random.ts";
import { DurationError, formatDuration, formatDurationNanos, parseDuration, parseDurationNanos } from "./duration.ts";

test("parseDuration: reads every unit", () => {
  const values: Record<string, number> = {
    "0": 0,
    "1h30m": 5_400_000,
    "1.5s": 1500,
    "-300ms": -300,
    "+1us": 0.001,
    "1µs": 0.001,
    ".5m": 30_000,
    "1h1h": 7_200_000,
  };
  for (const [text, value] of Object.entries(values)) assert.equal(parseDuration(text), value, text);
  assert.equal(parseDurationNanos("-9223372036854775808ns"), -(2n ** 63n));
});

test("parseDuration: refuses in Go's words", () => {
  const wrong: Record<string, string> = {
    "": 'time: invalid duration ""',
    "5": 'time: missing unit in duration "5"',
    "5d": 'time: unknown unit "d" in duration "5d"',
    x5s: 'time: invalid duration "x5s"',
    ".s": 'time: invalid duration ".s"',
    "9223372036854775808ns": 'time: invalid duration "9223372036854775808ns"',
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => parseDuration(text), { name: "DurationError", message }, text);
  }
});

test("formatDuration: writes as Go", () => {
  assert.equal(formatDuration(0), "0s");
  assert.equal(formatDuration(5_400_000), "1h30m0s");
  assert.equal(formatDuration(-1500), "-1.5s");
  assert.equal(formatDuration(90_000), "1m30s");
  assert.equal(formatDuration(1.5), "1.5ms");
  assert.equal(formatDurationNanos(1500n), "1.5µs");
  assert.equal(formatDurationNanos(1n), "1ns");
});

test("parseDurationNanos: survives anything, and reads again what was written", () => {
  const random = createRandom(5);
  const parts = ["1", "0", ".", "h", "m", "s", "ms", "µs", "-", "+", "9999999999", "x"];
  for (let count = 0; count < 5000; count++) {
    const text = Array.from({ length: random.below(7) }, () => random.pick(parts)).join("");
    try {
      const nanos = parseDurationNanos(text);
      assert.equal(parseDurationNanos(formatDurationNanos(nanos)), nanos, text);
    } catch (error) {
      assert.ok(error instanceof DurationError, `${text}: ${error}`);
    }
  }
});
