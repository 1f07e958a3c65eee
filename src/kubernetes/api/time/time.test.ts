import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../testing/random.ts";
import { TimeError } from "./rfc3339.ts";
import {
  canonicalizeMicroTime,
  canonicalizeTime,
  formatMicroTime,
  formatTime,
  parseMicroTime,
  parseTime,
} from "./time.ts";

test("canonicalizeTime: answers UTC and whole seconds", () => {
  const forms: Record<string, string | undefined> = {
    "2026-01-02T15:04:05Z": "2026-01-02T15:04:05Z",
    "2026-01-02T15:04:05.999Z": "2026-01-02T15:04:05Z",
    "2026-01-02T15:04:05+01:30": "2026-01-02T13:34:05Z",
    "2024-02-29T00:00:00-00:30": "2024-02-29T00:30:00Z",
    "0001-01-01T00:00:00Z": undefined,
    "0001-01-01T01:00:00+01:00": undefined,
  };
  for (const [text, form] of Object.entries(forms)) assert.equal(canonicalizeTime(text), form, text);
});

test("canonicalizeMicroTime: wants and answers six digits", () => {
  assert.equal(canonicalizeMicroTime("2026-01-02T15:04:05.123456Z"), "2026-01-02T15:04:05.123456Z");
  assert.equal(canonicalizeMicroTime("2026-01-02T15:04:05.000000+01:00"), "2026-01-02T14:04:05.000000Z");
  assert.equal(canonicalizeMicroTime("0001-01-01T00:00:00.000000Z"), undefined);
  const message =
    'parsing time "2026-01-02T15:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"';
  assert.throws(() => canonicalizeMicroTime("2026-01-02T15:04:05Z"), { name: "TimeError", message });
});

test("canonicalizeTime: refuses in Go's words", () => {
  const layout = '"2006-01-02T15:04:05Z07:00"';
  const wrong: Record<string, string> = {
    "": `parsing time "" as ${layout}: cannot parse "" as "2006"`,
    "2026": `parsing time "2026" as ${layout}: cannot parse "" as "-"`,
    "2026-13-01T00:00:00Z": 'parsing time "2026-13-01T00:00:00Z": month out of range',
    "2026-02-30T00:00:00Z": 'parsing time "2026-02-30T00:00:00Z": day out of range',
    "2026-01-01T24:00:00Z": 'parsing time "2026-01-01T24:00:00Z": hour out of range',
    "2026-01-01 00:00:00Z": `parsing time "2026-01-01 00:00:00Z" as ${layout}: cannot parse " 00:00:00Z" as "T"`,
    "2026-01-01T00:00:00": `parsing time "2026-01-01T00:00:00" as ${layout}: cannot parse "" as "Z07:00"`,
    "2026-01-01T00:00:00Zé": 'parsing time "2026-01-01T00:00:00Z\\xc3\\xa9": extra text: "\\xc3\\xa9"',
  };
  for (const [text, message] of Object.entries(wrong)) {
    assert.throws(() => canonicalizeTime(text), { name: "TimeError", message }, text);
  }
});

test("parseTime, formatTime: convert to milliseconds and back", () => {
  assert.equal(parseTime("2026-01-02T15:04:05Z"), Date.UTC(2026, 0, 2, 15, 4, 5));
  assert.equal(parseTime("1969-12-31T23:59:59.5Z"), -500);
  assert.equal(formatTime(Date.UTC(2026, 0, 2, 15, 4, 5, 999)), "2026-01-02T15:04:05Z");
  assert.equal(parseMicroTime("1970-01-01T00:00:00.123456Z"), 123.456);
  assert.equal(formatMicroTime(123.456), "1970-01-01T00:00:00.123456Z");
  assert.equal(formatMicroTime(-0.001), "1969-12-31T23:59:59.999999Z");
});

test("canonicalizeTime: survives anything, and keeps what it wrote", () => {
  const random = createRandom(4);
  const start = "2026-01-02T15:04:05.25+01:00";
  for (let count = 0; count < 5000; count++) {
    const at = random.below(start.length);
    const text =
      start.slice(0, at) + random.pick(["", "0", "9", "Z", "-", ":", ".", "é"]) + start.slice(at + random.below(3));
    try {
      const form = canonicalizeTime(text);
      if (form !== undefined) assert.equal(canonicalizeTime(form), form, text);
    } catch (error) {
      assert.ok(error instanceof TimeError, `${text}: ${error}`);
    }
  }
});
