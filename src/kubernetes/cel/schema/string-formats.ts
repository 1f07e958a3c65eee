// Strings with a format are no strings to expressions: durations, dates and bytes are read as such.

import { DurationError, parseDurationNanos, quote } from "#kubernetes/api";
import { durationOf, parseTimestamp } from "../values/times.ts";
import { CelError, type CelValue } from "../values/value.ts";

/** The value of a string of a format; the string itself where the format is none of these. */
export function readFormatted(text: string, format: string | undefined): CelValue {
  switch (format) {
    case "duration":
      return readDuration(text);
    case "date":
      return readDate(text);
    case "date-time":
      return readDateTime(text);
    case "byte":
      return readBytes(text);
    default:
      return text;
  }
}

/** By what a word for a unit starts with. */
const UNITS: readonly (readonly [RegExp, bigint])[] = [
  [/^(?:ns$|nano)/, 1n],
  [/^(?:us$|µs$|micro)/, 1000n],
  [/^(?:ms$|milli)/, 1_000_000n],
  [/^(?:s$|sec)/, 1_000_000_000n],
  [/^(?:m$|min)/, 60_000_000_000n],
  [/^(?:h$|hr$|hour)/, 3_600_000_000_000n],
  [/^(?:d$|day)/, 86_400_000_000_000n],
  [/^(?:w$|wk$|week)/, 604_800_000_000_000n],
];

/** "1h30m", and also "2 days" as upstream's strfmt has it. */
function readDuration(text: string): CelValue {
  try {
    return durationOf(parseDurationNanos(text));
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
  }
  let nanos: bigint | undefined;
  for (const [, count, word] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const unit = UNITS.find(([pattern]) => pattern.test(word!.toLowerCase()));
    if (unit) nanos = (nanos ?? 0n) + BigInt(count!) * unit[1];
  }
  if (nanos === undefined) return new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`);
  return durationOf(BigInt.asIntN(64, nanos));
}

function readDate(text: string): CelValue {
  const timestamp = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
  return timestamp ?? new CelError(`Invalid date formatted string ${text}: ${explainTime(text, "2006-01-02")}`);
}

function readDateTime(text: string): CelValue {
  const local = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text) ? `${text}Z` : text;
  const timestamp = parseTimestamp(text === "" ? "1970-01-01T00:00:00Z" : local);
  if (timestamp) return timestamp;
  return new CelError(`Invalid date-time formatted string ${text}: ${explainTime(text, "2006-01-02T15:04:05")}`);
}

function explainTime(text: string, layout: string): string {
  return `parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(text)} as "2006"`;
}

/** Base64 of URLs and files, which has - and _ instead of + and /. */
function readBytes(text: string): CelValue {
  const compact = text.replace(/[\r\n]/g, "");
  const bad = /[^A-Za-z0-9_=-]|=(?!=?$)/.exec(compact);
  if (!bad && compact.length % 4 === 0) return Buffer.from(compact, "base64url");
  const position = bad?.index ?? compact.length - (compact.length % 4);
  return new CelError(`Invalid byte formatted string ${text}: illegal base64 data at input byte ${position}`);
}
