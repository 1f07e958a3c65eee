// The parts of timestamps, in UTC or a time zone, and of durations.

import { secondsOf } from "../values/times.ts";
import { types } from "../values/type.ts";
import { CelDuration, CelError, type CelTimestamp, type CelValue, NO_SUCH_OVERLOAD } from "../values/value.ts";
import { declare, type FunctionDeclaration, memberOverload, type Overload } from "./declare.ts";
import { offsetSeconds } from "./time-zone.ts";

const { duration, int, string, timestamp } = types;
const SECOND = 1_000_000_000n;

type Part = (clock: Date, nanos: bigint) => number;

function readPart(value: CelTimestamp, zone: string, part: Part): CelValue {
  const offset = offsetSeconds(value.nanos, zone);
  if (offset instanceof CelError) return offset;
  const local = value.nanos + BigInt(offset) * SECOND;
  return BigInt(part(new Date(Number(secondsOf(local)) * 1000), ((local % SECOND) + SECOND) % SECOND));
}

function timestampOverloads(id: string, zonedId: string, part: Part): Overload[] {
  return [
    memberOverload(id, [timestamp], int, (value: CelTimestamp) => readPart(value, "UTC", part)),
    memberOverload(zonedId, [timestamp, string], int, (value: CelTimestamp, zone: string) =>
      readPart(value, zone, part),
    ),
  ];
}

function durationOverload(id: string, nanosPerUnit: bigint): Overload {
  return memberOverload(id, [duration], int, (value: CelDuration) =>
    value instanceof CelDuration ? value.nanos / nanosPerUnit : NO_SUCH_OVERLOAD,
  );
}

const DAY_MS = 86_400_000;

function dayOfYear(clock: Date): number {
  const start = new Date(clock);
  start.setUTCMonth(0, 1);
  return Math.round((clock.getTime() - start.getTime()) / DAY_MS);
}

export const timeFunctions: readonly FunctionDeclaration[] = [
  declare(
    "getFullYear",
    ...timestampOverloads("timestamp_to_year", "timestamp_to_year_with_tz", (clock) => clock.getUTCFullYear()),
  ),
  declare(
    "getMonth",
    ...timestampOverloads("timestamp_to_month", "timestamp_to_month_with_tz", (clock) => clock.getUTCMonth()),
  ),
  declare(
    "getDayOfYear",
    ...timestampOverloads("timestamp_to_day_of_year", "timestamp_to_day_of_year_with_tz", dayOfYear),
  ),
  declare(
    "getDayOfMonth",
    ...timestampOverloads(
      "timestamp_to_day_of_month",
      "timestamp_to_day_of_month_with_tz",
      (clock) => clock.getUTCDate() - 1,
    ),
  ),
  declare(
    "getDate",
    ...timestampOverloads("timestamp_to_day_of_month_1_based", "timestamp_to_day_of_month_1_based_with_tz", (clock) =>
      clock.getUTCDate(),
    ),
  ),
  declare(
    "getDayOfWeek",
    ...timestampOverloads("timestamp_to_day_of_week", "timestamp_to_day_of_week_with_tz", (clock) => clock.getUTCDay()),
  ),
  declare(
    "getHours",
    ...timestampOverloads("timestamp_to_hours", "timestamp_to_hours_with_tz", (clock) => clock.getUTCHours()),
    durationOverload("duration_to_hours", 3600n * SECOND),
  ),
  declare(
    "getMinutes",
    ...timestampOverloads("timestamp_to_minutes", "timestamp_to_minutes_with_tz", (clock) => clock.getUTCMinutes()),
    durationOverload("duration_to_minutes", 60n * SECOND),
  ),
  declare(
    "getSeconds",
    ...timestampOverloads("timestamp_to_seconds", "timestamp_to_seconds_tz", (clock) => clock.getUTCSeconds()),
    durationOverload("duration_to_seconds", SECOND),
  ),
  declare(
    "getMilliseconds",
    ...timestampOverloads("timestamp_to_milliseconds", "timestamp_to_milliseconds_with_tz", (_clock, nanos) =>
      Number(nanos / 1_000_000n),
    ),
    durationOverload("duration_to_milliseconds", 1_000_000n),
  ),
];
