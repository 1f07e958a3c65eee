// Reads a container's log as kubectl wants it: the tail, since a time, with timestamps, cut at a size, following rotation.

import { watch } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { onAbort } from "#shared";
import { findTailStart } from "./find-tail.ts";
import { formatLogTime, LineSplitter, type LogLine, parseLogLine } from "./log-line.ts";

export interface ReadLogOptions {
  /** Only so many lines from the end. Default: all. */
  readonly tailLines?: number;
  /** Only lines from this time on, in milliseconds since the epoch. */
  readonly sinceMs?: number;
  /** Each line begins with its time. */
  readonly timestamps?: boolean;
  /** Ends after so many bytes. */
  readonly limitBytes?: number;
  /** Only this stream. Default: both. */
  readonly stream?: "stdout" | "stderr";
  /** Goes on as the log grows, as long as this answers true. Absent: ends at the end. */
  readonly follow?: { isRunning(): Promise<boolean> };
  readonly signal?: AbortSignal;
}

const chunkSize = 64 * 1024;

/** The log's content in chunks. Ends quietly when the signal fires. Throws ENOENT where there is no such file. */
export async function* readLog(path: string, options: ReadLogOptions = {}): AsyncIterable<Buffer> {
  const target = await realpath(path);
  const writer = new LogWriter(options);
  const changes = options.follow ? new FileChanges(target) : undefined;
  const release = onAbort(options.signal, () => changes?.wake());
  let file = await open(target);
  try {
    let position = options.tailLines === undefined ? 0 : await findTailStart(file, options.tailLines);
    for (;;) {
      const running = (await options.follow?.isRunning()) ?? false;
      for await (const chunk of readFrom(file, position)) {
        if (options.signal?.aborted) return;
        position += chunk.length;
        const output = writer.write(chunk);
        if (output.length > 0) yield output;
        if (writer.isFull) return;
      }
      const rotated = changes && (await isAnotherFile(file, target));
      if (rotated) {
        await file.close();
        file = await open(target);
        position = 0;
        continue;
      }
      if (!running || !changes || options.signal?.aborted) return;
      await changes.next();
      if (options.signal?.aborted) return;
    }
  } finally {
    release();
    changes?.close();
    await file.close().catch(() => {});
  }
}

async function* readFrom(file: FileHandle, position: number): AsyncIterable<Buffer> {
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkSize), 0, chunkSize, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Whether the path names another file by now: the log was rotated and the runtime has opened it anew. */
async function isAnotherFile(file: FileHandle, path: string): Promise<boolean> {
  try {
    const [opened, named] = await Promise.all([file.stat(), stat(path)]);
    return opened.ino !== named.ino;
  } catch {
    return false;
  }
}

/** Wakes a waiting reader when the file, or what lies at its path, changes. */
class FileChanges {
  readonly #watcher: ReturnType<typeof watch>;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(path: string) {
    const name = basename(path);
    this.#watcher = watch(dirname(path), (_event, file) => {
      if (file === null || file === name) this.wake();
    });
    this.#watcher.on("error", () => this.wake());
  }

  wake(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Resolves at the next change, at once if one came since the last call; at the latest after a second, for containers that end silently. */
  async next(): Promise<void> {
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#changed = false;
    this.#wake = undefined;
  }

  close(): void {
    this.#watcher.close();
  }
}

/** Turns raw log bytes into what is shown. */
class LogWriter {
  readonly #options: ReadLogOptions;
  readonly #splitter = new LineSplitter();
  #left: number;
  /** Parts of a line carry its time only once. */
  #atLineStart = true;

  constructor(options: ReadLogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  get isFull(): boolean {
    return this.#left <= 0;
  }

  write(chunk: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (const text of this.#splitter.split(chunk)) {
      const line = parseLogLine(text);
      if (line && this.#isWanted(line)) this.#add(parts, line);
      if (this.isFull) break;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #isWanted(line: LogLine): boolean {
    const { stream, sinceMs } = this.#options;
    if (stream !== undefined && stream !== line.stream) return false;
    return sinceMs === undefined || Date.parse(line.timestamp) >= sinceMs;
  }

  #add(parts: Buffer[], line: LogLine): void {
    const prefix =
      this.#options.timestamps && this.#atLineStart ? [Buffer.from(`${formatLogTime(line.timestamp)} `)] : [];
    this.#atLineStart = !line.partial;
    for (const part of [...prefix, line.content]) {
      const kept = part.length > this.#left ? part.subarray(0, this.#left) : part;
      this.#left -= kept.length;
      parts.push(kept);
    }
  }
}
