// Points in time as API objects write them: metav1.Time (whole seconds) and metav1.MicroTime (microseconds), always in UTC.

import { parseRFC3339, secondsOfDate, type UnixTime } from "./rfc3339.ts";

/** Milliseconds since the epoch of a Time, for arithmetic. Throws TimeError. */
export function parseTime(text: string): number {
  const { seconds, nanos } = parseUnixTime(text);
  return seconds * 1000 + Math.floor(nanos / 1e6);
}

/** Milliseconds since the epoch of a MicroTime, microseconds as a fraction. Throws TimeError. */
export function parseMicroTime(text: string): number {
  const { seconds, nanos } = parseUnixMicroTime(text);
  return seconds * 1000 + Math.floor(nanos / 1000) / 1000;
}

/** "2026-01-02T15:04:05Z" for milliseconds since the epoch. */
export function formatTime(milliseconds: number): string {
  return formatUnixTime({ seconds: Math.floor(milliseconds / 1000), nanos: 0 });
}

/** "2026-01-02T15:04:05.000000Z" for milliseconds since the epoch. */
export function formatMicroTime(milliseconds: number): string {
  const micros = Math.round(milliseconds * 1000);
  const seconds = Math.floor(micros / 1e6);
  return formatUnixMicroTime({ seconds, nanos: (micros - seconds * 1e6) * 1000 });
}

/** Reads a Time; the canonical form takes a short way. Throws TimeError. */
export function parseUnixTime(text: string): UnixTime {
  return readCanonical(text) ?? parseRFC3339(text, "time");
}

/** Reads a MicroTime. Throws TimeError. */
export function parseUnixMicroTime(text: string): UnixTime {
  return parseRFC3339(text, "micro-time");
}

export function formatUnixTime({ seconds }: UnixTime): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`;
}

export function formatUnixMicroTime({ seconds, nanos }: UnixTime): string {
  const micros = Math.floor(nanos / 1000)
    .toString()
    .padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${micros}Z`;
}

/** The Time as it is stored and answered; undefined for Go's zero time, which is no time at all. Throws TimeError. */
export function canonicalizeTime(text: string): string | undefined {
  const canonical = readCanonical(text);
  const time = canonical ?? parseRFC3339(text, "time");
  if (isZero(time)) return undefined;
  return canonical ? text : formatUnixTime(time);
}

/** The MicroTime as it is stored and answered; undefined for Go's zero time. Throws TimeError. */
export function canonicalizeMicroTime(text: string): string | undefined {
  const time = parseRFC3339(text, "micro-time");
  return isZero(time) ? undefined : formatUnixMicroTime(time);
}

/** Midnight of the first day of year 1: a Go time.Time that was never set. */
export const zeroSeconds = -62135596800;

function isZero({ seconds, nanos }: UnixTime): boolean {
  return seconds === zeroSeconds && nanos === 0;
}

const canonicalTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function readCanonical(text: string): UnixTime | undefined {
  if (text.length !== 20 || !canonicalTime.test(text)) return undefined;
  const two = (at: number) => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;
  const [hour, minute, second] = [two(11), two(14), two(17)];
  const days = secondsOfDate(two(0) * 100 + two(2), two(5), two(8));
  if (days === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  return { seconds: days + hour * 3600 + minute * 60 + second, nanos: 0 };
}
