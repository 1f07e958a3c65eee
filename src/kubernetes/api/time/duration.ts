// Go durations ("1h30m", "1.5s", "300ms"): what metav1.Duration and many flags are written in. Exact to the nanosecond.

import { quoteTime } from "./rfc3339.ts";

/** The text is no duration; the message is Go's. */
export class DurationError extends Error {
  override readonly name = "DurationError";
}

const second = 1_000_000_000n;

const units: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1000n],
  ["µs", 1000n],
  ["μs", 1000n],
  ["ms", 1_000_000n],
  ["s", second],
  ["m", 60n * second],
  ["h", 3600n * second],
]);

const most = 2n ** 63n;

/** The nanoseconds of a duration. Throws DurationError. */
export function parseDurationNanos(text: string): bigint {
  const unsigned = text.replace(/^[-+]/, "");
  if (unsigned === "0") return 0n;
  const total = sumParts(unsigned, text);
  const negative = text.startsWith("-");
  if (total > most || (total === most && !negative)) throw invalidDuration(text);
  return negative ? -total : total;
}

/** The milliseconds of a duration, with a fraction. Throws DurationError. */
export function parseDuration(text: string): number {
  return Number(parseDurationNanos(text)) / 1e6;
}

/** "1h30m0s": as Go writes a duration of nanoseconds. */
export function formatDurationNanos(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? "-" : ""}${size < second ? formatBelowSecond(size) : formatSeconds(size)}`;
}

/** "1h30m0s": as Go writes a duration, here of milliseconds. */
export function formatDuration(milliseconds: number): string {
  return formatDurationNanos(BigInt(Math.round(milliseconds * 1e6)));
}

function sumParts(text: string, whole: string): bigint {
  if (text === "") throw invalidDuration(whole);
  let total = 0n;
  for (let rest = text; rest !== ""; ) {
    const [part, number = "", fraction = "", unit = ""] = /^([0-9]*)(?:\.([0-9]*))?([^.0-9]*)/.exec(rest) ?? [];
    if (part === undefined || (number === "" && fraction === "")) throw invalidDuration(whole);
    if (BigInt(`0${number}`) > most) throw invalidDuration(whole);
    total += valueOfPart(number, fraction, unit, whole);
    if (total > most) throw invalidDuration(whole);
    rest = rest.slice(part.length);
  }
  return total;
}

function valueOfPart(number: string, fraction: string, unit: string, whole: string): bigint {
  if (unit === "") throw new DurationError(`time: missing unit in duration ${quoteTime(whole)}`);
  const size = units.get(unit);
  if (size === undefined) {
    throw new DurationError(`time: unknown unit ${quoteTime(unit)} in duration ${quoteTime(whole)}`);
  }
  return BigInt(`0${number}`) * size + (BigInt(`0${fraction}`) * size) / 10n ** BigInt(fraction.length);
}

function invalidDuration(text: string): DurationError {
  return new DurationError(`time: invalid duration ${quoteTime(text)}`);
}

function formatBelowSecond(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  if (nanos < 1000n) return `${nanos}ns`;
  return nanos < 1_000_000n ? `${withFraction(nanos, 3)}µs` : `${withFraction(nanos, 6)}ms`;
}

function formatSeconds(nanos: bigint): string {
  const minutes = nanos / (60n * second);
  const seconds = `${withFraction(nanos % (60n * second), 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function withFraction(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const fraction = (value % unit).toString().padStart(digits, "0").replace(/0+$/, "");
  return fraction === "" ? `${value / unit}` : `${value / unit}.${fraction}`;
}
