// Saves the data to files, again and again, and lets go of old ones. The times of the files say when the next is due, so a process that
// is started anew goes on in the same rhythm.

import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Clock, describeError, type Logger } from "#shared";

export interface SnapshotSchedule {
  readonly everyMs: number;
  /** How many of them stay: the newest. */
  readonly keep: number;
  readonly folder: string;
}

export interface ScheduledSnapshotsOptions {
  /** All data as it is now. */
  snapshot(): AsyncIterable<Uint8Array>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ScheduledSnapshots {
  /** Resolves when none is being written. */
  stop(): Promise<void>;
}

/** After a failure it tries again when the next one is due, at the latest after this. */
const longestRetryMs = 10 * 60 * 1000;

export function startScheduledSnapshots(
  schedule: SnapshotSchedule,
  options: ScheduledSnapshotsOptions,
): ScheduledSnapshots {
  const controller = new AbortController();
  const running = run(schedule, options, controller.signal).catch((error: unknown) => {
    if (!controller.signal.aborted) options.logger.error({ error: describeError(error) }, "snapshots have ended");
  });
  return {
    async stop() {
      controller.abort();
      await running;
    },
  };
}

async function run(
  schedule: SnapshotSchedule,
  { snapshot, clock, logger }: ScheduledSnapshotsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { everyMs, keep, folder } = schedule;
  for (;;) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const newest = (await listSnapshots(folder)).at(-1);
      const due = newest === undefined ? clock.now() : newest.time + everyMs;
      // Timers end early where the time is long.
      while (due > clock.now()) await clock.sleep(due - clock.now(), signal);
      signal.throwIfAborted();
      const path = await save(folder, snapshot(), { now: clock.now(), signal });
      for (const old of (await listSnapshots(folder)).slice(0, -keep)) await rm(join(folder, old.file));
      logger.info({ path }, "snapshot saved");
    } catch (error) {
      signal.throwIfAborted();
      logger.error({ error: describeError(error) }, "cannot save a snapshot");
      await clock.sleep(Math.min(everyMs, longestRetryMs), signal);
    }
  }
}

/** The file appears when it is whole. It holds secrets: only its owner may read it. */
async function save(
  folder: string,
  data: AsyncIterable<Uint8Array>,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<string> {
  const path = join(folder, nameAt(now));
  const partial = `${path}.partial`;
  try {
    const source = Readable.from(data, { objectMode: false });
    await pipeline(source, createWriteStream(partial, { mode: 0o600, flush: true }), { signal });
    await rename(partial, path);
    return path;
  } finally {
    await rm(partial, { force: true });
  }
}

/** "2026-11-29T20-15-00Z.snapshot": names in order are times in order. */
function nameAt(time: number): string {
  return `${new Date(time)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-")}.snapshot`;
}

/** Those this file has written, oldest first; what people put beside them is not looked at. */
async function listSnapshots(folder: string): Promise<{ file: string; time: number }[]> {
  const names = (await readdir(folder)).toSorted();
  return names.flatMap((file) => {
    const [, day, hour, minute, second] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.snapshot$/.exec(file) ?? [];
    const time = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
    return Number.isNaN(time) ? [] : [{ file, time }];
  });
}
