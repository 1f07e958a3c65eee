// Keeps containers' logs from growing without end: a log that is too large is put aside, compressed with its like, and the oldest
// go. The names are upstream's: <log>.<time> and <log>.<time>.gz.

import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Clock, describeError, type Logger } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import type { LogRotationOptions } from "../options.ts";

export const defaultLogRotation: LogRotationOptions = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

export interface RotationTarget {
  readonly containerId: string;
  readonly logPath: string;
}

/** Goes through all logs; one that can't be rotated does not keep the others from it. */
export async function rotateLogs(
  targets: Iterable<RotationTarget>,
  tools: { readonly cri: CriClient; readonly clock: Clock; readonly logger: Logger },
  options: LogRotationOptions = defaultLogRotation,
): Promise<void> {
  for (const target of targets) {
    try {
      const { size } = await stat(target.logPath);
      if (size >= options.maxBytes) await rotate(target, tools, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      tools.logger.warn({ log: target.logPath, error: describeError(error) }, "log not rotated");
    }
  }
}

async function rotate(
  { containerId, logPath }: RotationTarget,
  { cri, clock }: { readonly cri: CriClient; readonly clock: Clock },
  { maxFiles }: LogRotationOptions,
): Promise<void> {
  const folder = dirname(logPath);
  const name = basename(logPath);
  const rotated = (await readdir(folder)).filter((each) => each.startsWith(`${name}.`)).sort();
  for (const each of rotated.filter((file) => file.endsWith(".tmp"))) await rm(join(folder, each), { force: true });
  const kept = rotated.filter((file) => !file.endsWith(".tmp"));
  // Two places are for the log being written and the one put aside now.
  const tooMany = Math.max(0, kept.length - (maxFiles - 2));
  for (const each of kept.slice(0, tooMany)) await rm(join(folder, each), { force: true });
  for (const each of kept.slice(tooMany)) if (!each.endsWith(".gz")) await compress(join(folder, each));
  const aside = `${logPath}.${stampOf(clock.now())}`;
  await rename(logPath, aside);
  try {
    await cri.call("ReopenContainerLog", { containerId });
  } catch (error) {
    await rename(aside, logPath);
    throw error;
  }
}

async function compress(path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary));
  await rename(temporary, `${path}.gz`);
  await rm(path);
}

/** 20261121-032700, in UTC. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}
