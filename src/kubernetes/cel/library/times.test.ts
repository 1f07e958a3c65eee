import { test } from "node:test";
import { runCases } from "../testing/run-cases.ts";

test("timestamps: their parts", () => {
  runCases({
    "timestamp('2020-02-29T12:34:56.789Z').getFullYear()": "2020",
    "timestamp('2020-02-29T12:34:56.789Z').getMonth()": "1",
    "timestamp('2020-02-29T12:34:56.789Z').getDate()": "29",
    "timestamp('2020-02-29T12:34:56.789Z').getDayOfMonth()": "28",
    "timestamp('2020-02-29T12:34:56.789Z').getDayOfWeek()": "6",
    "timestamp('2020-02-29T12:34:56.789Z').getDayOfYear()": "59",
    "timestamp('2020-02-29T12:34:56.789Z').getHours()": "12",
    "timestamp('2020-02-29T12:34:56.789Z').getMinutes()": "34",
    "timestamp('2020-02-29T12:34:56.789Z').getSeconds()": "56",
    "timestamp('2020-02-29T12:34:56.789Z').getMilliseconds()": "789",
  });
});

test("timestamps: in a time zone", () => {
  runCases({
    "timestamp('2020-02-29T12:34:56Z').getHours('+05:30')": "18",
    "timestamp('2020-02-29T12:34:56Z').getHours('-03:00')": "9",
    "timestamp('2020-02-29T12:34:56Z').getHours('America/New_York')": "7",
    "timestamp('2020-07-29T12:34:56Z').getHours('America/New_York')": "8",
    "timestamp('2020-02-29T23:34:56Z').getDayOfMonth('Asia/Kathmandu')": "0",
    "timestamp('2020-02-29T12:34:56Z').getHours('Nowhere/City')": "unknown time zone Nowhere/City",
  });
});

test("timestamps and durations: sums and differences", () => {
  runCases({
    "timestamp('2020-01-01T00:00:00Z') + duration('24h')": "timestamp(2020-01-02T00:00:00Z)",
    "duration('1ns') + timestamp('2020-01-01T00:00:00Z')": "timestamp(2020-01-01T00:00:00.000000001Z)",
    "timestamp('2020-01-01T00:00:00Z') - timestamp('2019-12-31T00:00:00Z')": "duration(86400s)",
    "timestamp('2020-01-01T00:00:00Z') - duration('1s')": "timestamp(2019-12-31T23:59:59Z)",
    "timestamp('9999-12-31T23:59:59Z') + duration('1s')": "timestamp overflow",
    "timestamp('0001-01-01T00:00:00Z') - duration('1s')": "timestamp overflow",
    "duration('1h') + duration('30m') - duration('1s')": "duration(5399s)",
    "timestamp('2020-01-01T00:00:00Z') < timestamp('2020-01-01T00:00:00.000000001Z')": "true",
    "timestamp('2020-01-01T00:00:00Z') == timestamp('2020-01-01T01:00:00+01:00')": "true",
    "duration('60s') == duration('1m')": "true",
    "timestamp(0)": "timestamp(1970-01-01T00:00:00Z)",
    "timestamp('x' + '')": "type conversion error from 'string' to 'google.protobuf.Timestamp'",
  });
});

test("durations: their parts", () => {
  runCases({
    "duration('1h').getMinutes()": "60",
    "duration('90m').getHours()": "1",
    "duration('1.234s').getMilliseconds()": "1234",
    "duration('3600s').getSeconds()": "3600",
    "duration('1h1m1.5s')": "duration(3661.5s)",
    "duration('-1h')": "duration(-3600s)",
    "duration('x' + '')": "type conversion error from 'string' to 'google.protobuf.Duration'",
  });
});
