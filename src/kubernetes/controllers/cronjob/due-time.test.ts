import assert from "node:assert/strict";
import { test } from "node:test";
import { type CronJob, parseCronSchedule } from "#kubernetes/api";
import { findDueTime, ImpossibleScheduleError, msUntilNextStart } from "./due-time.ts";
import { findOldJobs, newJob, reviewJobs } from "./jobs.ts";

const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
const text = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString().slice(11, 19));
const cronJob = (spec: Partial<CronJob["spec"] & object> = {}, lastScheduleTime?: string): CronJob => ({
  metadata: { name: "tick", namespace: "a", uid: "c", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: { schedule: "0 * * * *", jobTemplate: { spec: { template: { spec: { containers: [] } } } }, ...spec },
  status: lastScheduleTime ? { lastScheduleTime: `2026-01-01T${lastScheduleTime}Z` } : {},
});
const hourly = parseCronSchedule("0 * * * *");

test("findDueTime: none before the first, the first, the latest of several", () => {
  const due = (now: string, last?: string) => {
    const { dueMs, missed } = findDueTime(cronJob({}, last), hourly, at(now));
    return [text(dueMs), missed];
  };
  assert.deepEqual(due("00:59:00"), [undefined, "none"]);
  assert.deepEqual(due("01:00:00"), ["01:00:00", "none"]);
  assert.deepEqual(due("05:30:00"), ["05:00:00", "few"]);
  assert.deepEqual(due("05:30:00", "05:00:00"), [undefined, "none"]);
});

test("findDueTime: counts many, without walking through them", () => {
  const minutely = parseCronSchedule("* * * * *");
  const old = { ...cronJob(), metadata: { ...cronJob().metadata, creationTimestamp: "1990-01-01T00:00:00Z" } };
  const { dueMs, missed } = findDueTime(old, minutely, at("12:34:56"));
  assert.deepEqual([text(dueMs), missed], ["12:34:00", "many"]);
});

test("findDueTime: what the deadline has passed is not due", () => {
  assert.equal(findDueTime(cronJob({ startingDeadlineSeconds: 600 }), hourly, at("05:30:00")).dueMs, undefined);
  assert.equal(text(findDueTime(cronJob({ startingDeadlineSeconds: 3600 }), hourly, at("05:30:00")).dueMs), "05:00:00");
});

test("findDueTime: days that never come", () => {
  const never = parseCronSchedule("59 23 31 2 *");
  assert.throws(() => findDueTime(cronJob(), never, at("05:00:00")), ImpossibleScheduleError);
});

test("msUntilNextStart: a moment after the next time", () => {
  assert.equal(msUntilNextStart(cronJob(), hourly, at("00:59:00")), 60_100);
  assert.equal(msUntilNextStart(cronJob({}, "05:00:00"), hourly, at("05:00:30")), 3_570_100);
});

test("newJob: named by the minute of its start, which it tells in the CronJob's time zone", () => {
  const job = newJob(cronJob({ timeZone: "Europe/Berlin" }), at("01:00:00"));
  assert.equal(job.metadata.name, `tick-${at("01:00:00") / 60_000}`);
  assert.deepEqual(job.metadata.annotations, {
    "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T02:00:00+01:00",
  });
  assert.equal(job.metadata.ownerReferences?.[0]?.kind, "CronJob");
});

const job = (name: string, type?: string, started = "00:00:00") => ({
  metadata: { name, namespace: "a", uid: name },
  status: {
    startTime: `2026-01-01T${started}Z`,
    ...(type === "Complete" && { completionTime: `2026-01-01T${started}Z` }),
    ...(type && { conditions: [{ type, status: "True" }] }),
  },
});

test("reviewJobs: those that ended leave the list, those forgotten are told of", () => {
  const listed: CronJob = { ...cronJob(), status: { active: [{ uid: "a" }, { uid: "b" }, { uid: "gone" }] } };
  const review = reviewJobs(listed, [job("a"), job("b", "Complete", "03:00:00"), job("c"), job("d", "Failed")]);
  assert.deepEqual(
    review.active.map(({ uid }) => uid),
    ["a", "gone"],
  );
  assert.deepEqual(
    review.completed.map(({ condition }) => condition),
    ["Complete"],
  );
  assert.deepEqual(
    review.unexpected.map(({ metadata }) => metadata.name),
    ["c"],
  );
  assert.equal(review.lastSuccessfulTime, "2026-01-01T03:00:00Z");
});

test("findOldJobs: the oldest of each kind beyond its limit", () => {
  const jobs = [job("s1", "Complete", "01:00:00"), job("s2", "Complete", "02:00:00"), job("f1", "Failed"), job("r")];
  const names = (spec: Partial<CronJob["spec"] & object>) =>
    findOldJobs(cronJob(spec), jobs).map(({ metadata }) => metadata.name);
  assert.deepEqual(names({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }), ["s1", "f1"]);
  assert.deepEqual(names({}), []);
});
