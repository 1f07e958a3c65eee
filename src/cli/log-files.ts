// Reads log files: the last lines, and what is added.

import { closeSync, openSync, readFileSync, readSync, statSync, watch } from "node:fs";

/** The last so many lines; all of them where `count` is negative. */
export function readLastLines(path: string, count: number): string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return count < 0 ? lines : lines.slice(Math.max(lines.length - count, 0));
}

/** Calls `onLines` with what is appended, line by line, until the signal fires. A file that was emptied is read from its start. */
export function followFile(path: string, onLines: (lines: string[]) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let offset = statSync(path).size;
    let rest = "";
    const read = () => {
      const { size } = statSync(path);
      if (size < offset) offset = 0;
      const lines = (rest + readRange(path, offset, size)).split("\n");
      offset = size;
      rest = lines.pop() ?? "";
      if (lines.length > 0) onLines(lines);
    };
    const watcher = watch(path, read);
    const stop = () => {
      watcher.close();
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function readRange(path: string, from: number, to: number): string {
  const buffer = Buffer.alloc(to - from);
  const file = openSync(path, "r");
  try {
    return buffer.toString("utf8", 0, readSync(file, buffer, 0, buffer.length, from));
  } finally {
    closeSync(file);
  }
}
