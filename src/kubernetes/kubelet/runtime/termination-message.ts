// A container's last words: what it wrote to its termination message file, or the end of its log where it asked for that.

import { open } from "node:fs/promises";
import { describeError } from "#shared";
import { readLog } from "../logs/read-log.ts";

const longestMessage = 4096;
const longestFromLogs = 2048;
const mostLogLines = 80;

export interface TerminationMessageSource {
  /** Where the file lies on the host; undefined where the container has none. */
  readonly hostPath: string | undefined;
  readonly logPath: string;
  /** The container failed and its policy is FallbackToLogsOnError. */
  readonly fallsBackToLogs: boolean;
}

/** The last 4 KiB of the file, or (when it is empty and the policy says so) the last 80 lines, at most 2 KiB, of the log. */
export async function readTerminationMessage(source: TerminationMessageSource): Promise<string> {
  const { hostPath, logPath, fallsBackToLogs } = source;
  const written = hostPath === undefined ? "" : await readEnd(hostPath, longestMessage);
  return written === "" && fallsBackToLogs ? readLogEnd(logPath) : written;
}

async function readEnd(path: string, most: number): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const length = Math.min(size, most);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    return `Error on reading termination log ${path}: ${describeError(error)}`;
  }
}

async function readLogEnd(path: string): Promise<string> {
  try {
    let end = Buffer.alloc(0);
    for await (const chunk of readLog(path, { tailLines: mostLogLines })) {
      end = Buffer.concat([end, chunk]).subarray(-longestFromLogs);
    }
    return end.toString("utf8");
  } catch (error) {
    return `Error on reading termination message from logs: ${describeError(error)}`;
  }
}
