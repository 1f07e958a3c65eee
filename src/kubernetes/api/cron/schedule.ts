// Cron schedules as Kubernetes reads them (robfig/cron, standard form): five fields, or a word such as @daily. Pure.

import { parseDuration } from "../time/duration.ts";
import { CronError } from "./cron-error.ts";
import { type CronField, parseField } from "./cron-field.ts";
import { isTimeZone } from "./time-zone.ts";

/** The minutes a schedule names, by wall clock in a time zone. */
export interface SpecSchedule {
  readonly kind: "spec";
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly daysOfWeek: ReadonlySet<number>;
  /** Where both kinds of days are restricted, either may match; else both must. */
  readonly eitherDay: boolean;
  readonly timeZone: string;
}

/** `@every 90m`: so long after the time before, to the second. */
export interface IntervalSchedule {
  readonly kind: "interval";
  readonly everyMs: number;
}

export type CronSchedule = SpecSchedule | IntervalSchedule;

const fields: readonly CronField[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { least: 0, most: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const words: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** Reads a schedule; "TZ=" or "CRON_TZ=" before it names another time zone than `timeZone`. Throws CronError. */
export function parseCronSchedule(text: string, timeZone = "UTC"): CronSchedule {
  if (text === "") throw new CronError("empty spec string");
  const zoned = /^(?:CRON_)?TZ=(\S*)\s*(.*)$/s.exec(text);
  if (zoned) {
    const [, zone = "", rest = ""] = zoned;
    if (!isTimeZone(zone)) throw new CronError(`provided bad location ${zone}: unknown time zone ${zone}`);
    return parseUnzoned(rest.trim(), zone || "UTC");
  }
  return parseUnzoned(text, timeZone);
}

function parseUnzoned(text: string, timeZone: string): CronSchedule {
  if (text.startsWith("@")) return parseDescriptor(text, timeZone);
  const parts = text
    .trim()
    .split(/\s+/)
    .filter((part) => part !== "");
  if (parts.length !== fields.length) {
    throw new CronError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(" ")}]`);
  }
  const parsed = parts.map((part, position) => parseField(part, fields[position]!));
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = parsed;
  return {
    kind: "spec",
    minutes: minutes!.values,
    hours: hours!.values,
    daysOfMonth: daysOfMonth!.values,
    months: months!.values,
    daysOfWeek: daysOfWeek!.values,
    eitherDay: !daysOfMonth!.isStar && !daysOfWeek!.isStar,
    timeZone,
  };
}

function parseDescriptor(text: string, timeZone: string): CronSchedule {
  const spec = words[text];
  if (spec !== undefined) return parseUnzoned(spec, timeZone);
  const every = "@every ";
  if (!text.startsWith(every)) throw new CronError(`unrecognized descriptor: ${text}`);
  let everyMs: number;
  try {
    everyMs = parseDuration(text.slice(every.length));
  } catch (error) {
    throw new CronError(`failed to parse duration ${text}: ${(error as Error).message}`);
  }
  return { kind: "interval", everyMs: Math.max(1000, Math.floor(everyMs / 1000) * 1000) };
}
