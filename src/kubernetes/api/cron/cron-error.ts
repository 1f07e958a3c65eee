// What is wrong with a cron schedule, in robfig/cron's words.

export class CronError extends Error {
  override readonly name = "CronError";
}
