// The schedule of a CronJob and the time zone it is read in.

import { CronError } from "../../cron/cron-error.ts";
import { parseCronSchedule } from "../../cron/schedule.ts";
import { isTimeZone } from "../../cron/time-zone.ts";
import { type FieldError, invalid, required } from "../../field-error.ts";
import type { CronJobSpec } from "../../generated/types.ts";

/** Schedules used to name their time zone themselves; those that did may go on to do so. */
export function validateSchedule(
  { schedule, timeZone }: Pick<CronJobSpec, "schedule" | "timeZone">,
  old: Pick<CronJobSpec, "schedule"> | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (schedule === "") {
    errors.push(required(path));
    return;
  }
  const problem = checkSchedule(schedule);
  if (problem !== undefined) errors.push(invalid(path, schedule, problem));
  if (!schedule.includes("TZ")) return;
  if (!old?.schedule.includes("TZ")) {
    const why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
    errors.push(invalid(path, schedule, why));
  } else if (timeZone !== undefined) {
    errors.push(invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"));
  }
}

function checkSchedule(schedule: string): string | undefined {
  // Here upstream's parser fails, and its words are shown.
  if (/^(CRON_)?TZ=[^ ]*$/.test(schedule)) {
    return "invalid schedule format: runtime error: slice bounds out of range [:-1]";
  }
  try {
    parseCronSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}

export function validateTimeZone(timeZone: string | undefined, path: string, errors: FieldError[]): void {
  if (timeZone === undefined) return;
  if (timeZone === "") errors.push(invalid(path, timeZone, "timeZone must be nil or non-empty string"));
  else if (!timeZone.split("/").every(isPartOfName)) {
    errors.push(invalid(path, timeZone, `unknown time zone ${timeZone}`));
  } else {
    if (timeZone.toLowerCase() === "local") {
      const why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
      errors.push(invalid(path, timeZone, why));
    }
    if (timeZone.includes("..")) errors.push(invalid(path, timeZone, "time: invalid location name"));
    else if (!isTimeZone(timeZone)) errors.push(invalid(path, timeZone, `unknown time zone ${timeZone}`));
  }
}

function isPartOfName(part: string): boolean {
  return part !== "." && part !== ".." && !part.startsWith("-") && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part);
}
