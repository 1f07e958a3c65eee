// When a cron schedule is due next. Hours that a clock change skips are skipped, those that it repeats come twice. Pure.

import type { CronSchedule, SpecSchedule } from "./schedule.ts";
import { wallClock } from "./time-zone.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Schedules such as the 31st of February are never due. */
const mostYears = 5;

/** The first time after `afterMs`, in milliseconds since the epoch; undefined where there is none within five years. */
export function nextCronTime(schedule: CronSchedule, afterMs: number): number | undefined {
  if (schedule.kind === "interval") return Math.floor(afterMs / 1000) * 1000 + schedule.everyMs;
  const { timeZone } = schedule;
  let time = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
  const lastYear = wallClock(time, timeZone).getUTCFullYear() + mostYears;
  for (;;) {
    const clock = wallClock(time, timeZone);
    if (clock.getUTCFullYear() > lastYear) return undefined;
    if (!schedule.months.has(clock.getUTCMonth() + 1)) time = startOfNextMonth(time, clock, timeZone);
    else if (!matchesDay(schedule, clock)) time = startOfLaterDay(time, clock, { days: 1, timeZone });
    else if (!schedule.hours.has(clock.getUTCHours())) time += hourMs - clock.getUTCMinutes() * minuteMs;
    else if (!schedule.minutes.has(clock.getUTCMinutes())) time += minuteMs;
    else return time;
  }
}

function matchesDay({ daysOfMonth, daysOfWeek, eitherDay }: SpecSchedule, clock: Date): boolean {
  const byMonth = daysOfMonth.has(clock.getUTCDate());
  const byWeek = daysOfWeek.has(clock.getUTCDay());
  return eitherDay ? byMonth || byWeek : byMonth && byWeek;
}

function startOfNextMonth(time: number, clock: Date, timeZone: string): number {
  const daysInMonth = new Date(Date.UTC(clock.getUTCFullYear(), clock.getUTCMonth() + 1, 0)).getUTCDate();
  return startOfLaterDay(time, clock, { days: daysInMonth - clock.getUTCDate() + 1, timeZone });
}

/** Midnight so many days on, or, where a clock change takes midnight away, the first time of that day. */
function startOfLaterDay(time: number, clock: Date, { days, timeZone }: { days: number; timeZone: string }): number {
  const sinceMidnight = clock.getTime() % dayMs;
  const target = clock.getTime() - sinceMidnight + days * dayMs;
  // A guess by today's offset, put right by the offset there.
  let guess = time - sinceMidnight + days * dayMs;
  for (let tries = 0; tries < 2; tries++) guess += target - wallClock(guess, timeZone).getTime();
  while (wallClock(guess, timeZone).getTime() < target) guess += minuteMs;
  return guess;
}
