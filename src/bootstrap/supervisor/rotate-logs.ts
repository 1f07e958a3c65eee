// Keeps logs from growing without end. Processes write their logs themselves, with O_APPEND, and never reopen them; so a log is
// copied aside and then emptied.

import { copyFile, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

const mostBytes = 10 * 1024 * 1024;

/** Copies each log over the limit to `<name>.1`, over the last copy, and empties it. */
export async function rotateLogs(folder: string, limit: number = mostBytes): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".log"));
  for (const path of names.map((name) => join(folder, name))) {
    if ((await stat(path)).size <= limit) continue;
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
  }
}
