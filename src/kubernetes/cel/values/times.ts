// Timestamps and durations: reading, printing, and sums that stay within the years 1 to 9999 and 64 bits of nanoseconds.

import { parseUnixTime } from "#kubernetes/api";
import { checkInt } from "./numbers.ts";
import { CelDuration, CelError, CelTimestamp } from "./value.ts";

const SECOND = 1_000_000_000n;
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;

const TIMESTAMP_OVERFLOW = new CelError("timestamp overflow");

/** undefined for what is no RFC 3339 time. */
export function parseTimestamp(text: string): CelTimestamp | CelError | undefined {
  try {
    const { seconds, nanos } = parseUnixTime(text);
    return timestampAt(BigInt(seconds) * SECOND + BigInt(nanos), readOffset(text));
  } catch {
    return undefined;
  }
}

function readOffset(text: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** A timestamp, or an error outside of the years there are. */
export function timestampAt(nanos: bigint, offsetMinutes = 0): CelTimestamp | CelError {
  const seconds = secondsOf(nanos);
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) return TIMESTAMP_OVERFLOW;
  return new CelTimestamp(nanos, offsetMinutes);
}

/** Whole seconds since 1970, rounded down. */
export function secondsOf(nanos: bigint): bigint {
  return (nanos - remainder(nanos)) / SECOND;
}

function remainder(nanos: bigint): bigint {
  return ((nanos % SECOND) + SECOND) % SECOND;
}

/** RFC 3339 with as much of a fraction as there is. */
export function printTimestamp({ nanos, offsetMinutes }: CelTimestamp): string {
  const local = nanos + BigInt(offsetMinutes) * 60n * SECOND;
  const whole = new Date(Number(secondsOf(local)) * 1000).toISOString().slice(0, 19);
  const fraction = remainder(local).toString().padStart(9, "0").replace(/0+$/, "");
  return whole + (fraction === "" ? "" : `.${fraction}`) + printOffset(offsetMinutes);
}

function printOffset(minutes: number): string {
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** Seconds, such as "5400s" and "1.5s". */
export function printDuration({ nanos }: CelDuration): string {
  // The seconds go through a double, as cel-go does it.
  const seconds = Number(nanos / SECOND) + Number(nanos % SECOND) / 1e9;
  return `${seconds.toFixed(9).replace(/\.?0+$/, "")}s`;
}

export function durationOf(nanos: bigint): CelDuration | CelError {
  const checked = checkInt(nanos);
  return checked instanceof CelError ? checked : new CelDuration(checked);
}

export function addToTimestamp(timestamp: CelTimestamp, nanos: bigint): CelTimestamp | CelError {
  return timestampAt(timestamp.nanos + nanos, timestamp.offsetMinutes);
}
