// Which start of a CronJob is due, and when to look next. Pure.

import { type CronJob, type CronSchedule, nextCronTime } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";

/** Clocks of different machines differ a little: a look a moment late finds the time come for sure. */
const lateMs = 100;
const manyMissed = 100;

export interface DueTime {
  /** The most recent time a Job should have started; undefined where none is due. */
  readonly dueMs: number | undefined;
  /** How many starts were missed, roughly. */
  readonly missed: "none" | "few" | "many";
  /** Where the search began: the last start, or the CronJob's creation. */
  readonly sinceMs: number;
}

/** The schedule names times that cannot be. */
export class ImpossibleScheduleError extends Error {
  override readonly name = "ImpossibleScheduleError";
}

/** Throws ImpossibleScheduleError. Starts missed by more than the starting deadline do not count. */
export function findDueTime(cronJob: CronJob, schedule: CronSchedule, nowMs: number): DueTime {
  const { startingDeadlineSeconds } = cronJob.spec ?? {};
  const earliestMs = lastStartMs(cronJob);
  const deadlineMs = startingDeadlineSeconds === undefined ? earliestMs : nowMs - startingDeadlineSeconds * 1000;
  return searchSince(Math.max(earliestMs, deadlineMs), schedule, nowMs);
}

/** How long until the next start after the most recent one. */
export function msUntilNextStart(cronJob: CronJob, schedule: CronSchedule, nowMs: number): number {
  const next = nextCronTime(schedule, lastDueMs(cronJob, schedule, nowMs)) ?? nowMs;
  return Math.max(0, next + lateMs - nowMs);
}

function lastDueMs(cronJob: CronJob, schedule: CronSchedule, nowMs: number): number {
  try {
    const { dueMs, missed, sinceMs } = searchSince(lastStartMs(cronJob), schedule, nowMs);
    return dueMs ?? (missed === "none" ? sinceMs : nowMs);
  } catch {
    return nowMs;
  }
}

function lastStartMs({ metadata, status }: CronJob): number {
  return parseTime(status?.lastScheduleTime) ?? parseTime(metadata.creationTimestamp) ?? 0;
}

function searchSince(sinceMs: number, schedule: CronSchedule, nowMs: number): DueTime {
  const first = nextCronTime(schedule, sinceMs);
  const second = first === undefined ? undefined : nextCronTime(schedule, first);
  if (first === undefined || second === undefined) {
    throw new ImpossibleScheduleError("time difference between two schedules is less than 1 second");
  }
  if (nowMs < first) return { dueMs: undefined, missed: "none", sinceMs };
  if (nowMs < second) return { dueMs: first, missed: "none", sinceMs };
  // Not all of them are walked through: after a long time there may be millions.
  const interval = second - first;
  const count = Math.floor((nowMs - first) / interval) + 1;
  let dueMs: number | undefined;
  let time = nextCronTime(schedule, first + (count - 2) * interval);
  for (; time !== undefined && time <= nowMs; time = nextCronTime(schedule, time)) dueMs = time;
  return { dueMs, missed: count > manyMissed ? "many" : "few", sinceMs };
}
