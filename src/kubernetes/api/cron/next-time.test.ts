import assert from "node:assert/strict";
import { test } from "node:test";
import { nextCronTime } from "./next-time.ts";
import { parseCronSchedule } from "./schedule.ts";
import { formatOffset, isTimeZone } from "./time-zone.ts";

const next = (spec: string, after: string, zone?: string) => {
  const time = nextCronTime(parseCronSchedule(spec, zone), Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString().replace(":00.000", "");
};

test("nextCronTime: fields, lists, ranges, steps, names", () => {
  const cases: [spec: string, after: string, expected: string | undefined][] = [
    ["* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01Z"],
    ["* * * * *", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01Z"],
    ["0/15 * * * *", "2026-01-01T00:15:00Z", "2026-01-01T00:30Z"],
    ["*/15 9-17 * * *", "2026-01-01T17:45:00Z", "2026-01-02T09:00Z"],
    ["5/20 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05Z"],
    ["0 0 1,15 * *", "2026-01-02T00:00:00Z", "2026-01-15T00:00Z"],
    ["30 6 * * mon-FRI", "2026-01-02T06:30:00Z", "2026-01-05T06:30Z"],
    ["0 0 * feb *", "2026-03-01T00:00:00Z", "2027-02-01T00:00Z"],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00Z"],
    ["59 23 31 2 *", "2026-01-01T00:00:00Z", undefined],
    // Either day matches where both are restricted; a star restricts nothing.
    ["0 0 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T00:00Z"],
    ["0 0 13 * *", "2026-01-01T00:00:00Z", "2026-01-13T00:00Z"],
    ["0 0 ? * 0", "2026-01-01T00:00:00Z", "2026-01-04T00:00Z"],
    ["@hourly", "2026-01-01T00:10:00Z", "2026-01-01T01:00Z"],
    ["@weekly", "2026-01-01T00:10:00Z", "2026-01-04T00:00Z"],
    ["@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00Z"],
    ["@every 1h30m", "2026-01-01T00:10:00.5Z", "2026-01-01T01:40Z"],
  ];
  for (const [spec, after, expected] of cases) assert.equal(next(spec, after), expected, `${spec} after ${after}`);
});

test("nextCronTime: wall clocks of time zones, in the spec or beside it", () => {
  assert.equal(next("0 9 * * *", "2026-01-01T00:00:00Z", "Europe/Berlin"), "2026-01-01T08:00Z");
  assert.equal(next("0 9 * * *", "2026-07-01T08:00:00Z", "Europe/Berlin"), "2026-07-02T07:00Z");
  assert.equal(next("TZ=Asia/Tokyo 0 9 * * *", "2026-01-01T00:00:00Z", "Europe/Berlin"), "2026-01-02T00:00Z");
  assert.equal(next("CRON_TZ=America/New_York 30 0 * * *", "2026-01-01T00:00:00Z"), "2026-01-01T05:30Z");
});

test("nextCronTime: an hour a clock change skips is skipped, one it repeats comes twice", () => {
  const berlin = "Europe/Berlin";
  assert.equal(next("30 2 * * *", "2026-03-28T02:00:00Z", berlin), "2026-03-30T00:30Z");
  assert.equal(next("0 0 * * *", "2026-03-28T23:00:00Z", berlin), "2026-03-29T22:00Z");
  assert.equal(next("30 2 * * *", "2026-10-24T23:00:00Z", berlin), "2026-10-25T00:30Z");
  assert.equal(next("30 2 * * *", "2026-10-25T00:30:00Z", berlin), "2026-10-25T01:30Z");
  assert.equal(next("0 0 * * *", "2026-10-24T22:00:00Z", berlin), "2026-10-25T23:00Z");
  // In Beirut the change comes at midnight: that day begins at one.
  assert.equal(next("0 * 29 3 *", "2026-03-28T12:00:00Z", "Asia/Beirut"), "2026-03-28T22:00Z");
});

test("parseCronSchedule: refuses in robfig's words", () => {
  const wrong: Record<string, string> = {
    "": "empty spec string",
    "* * *": "expected exactly 5 fields, found 3: [* * *]",
    "60 * * * *": "end of range (60) above maximum (59): 60",
    "* * 0 * *": "beginning of range (0) below minimum (1): 0",
    "* * * * 7": "end of range (7) above maximum (6): 7",
    "5-1 * * * *": "beginning of range (5) beyond end of range (1): 5-1",
    "1-2-3 * * * *": "too many hyphens: 1-2-3",
    "*/5/5 * * * *": "too many slashes: */5/5",
    "*/0 * * * *": "step of range should be a positive number: */0",
    "x * * * *": 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
    "@never": "unrecognized descriptor: @never",
    "TZ=Moon/Base * * * * *": "provided bad location Moon/Base: unknown time zone Moon/Base",
  };
  for (const [spec, message] of Object.entries(wrong)) {
    assert.throws(() => parseCronSchedule(spec), { name: "CronError", message }, spec);
  }
});

test("isTimeZone, formatOffset", () => {
  assert.deepEqual(["UTC", "Europe/Berlin", "Nowhere"].map(isTimeZone), [true, true, false]);
  const time = Date.UTC(2026, 0, 1);
  assert.deepEqual(
    ["UTC", "Europe/Berlin", "America/St_Johns"].map((zone) => formatOffset(time, zone)),
    ["Z", "+01:00", "-03:30"],
  );
});
