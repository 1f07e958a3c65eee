// Appends records to the log, a row of segment files, and makes them durable: what is added while a flush runs goes with the
// next one, together.

import { join } from "node:path";
import { describeError } from "#shared";
import { RecordBuffer, type StoreRecord } from "./record.ts";
import { appendAll, type StoreFile, type StoreFiles } from "./store-files.ts";

/** One file of the log. */
export interface Segment {
  readonly path: string;
  /** The revision of its first record, which its name says. */
  readonly first: number;
  size: number;
}

export interface LogWriterOptions {
  readonly files: StoreFiles;
  readonly folder: string;
  /** Oldest first; the last is written on. */
  readonly segments: readonly Segment[];
  readonly file: StoreFile;
  /** A flush that finds its segment this long begins a new one. */
  readonly segmentBytes: number;
  /** Called when a segment was begun, before anything is in it. */
  readonly onSegment: () => void;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  #segments: readonly Segment[];
  #file: StoreFile;
  #adding = new RecordBuffer();
  #flushing = new RecordBuffer();
  #firstRevision = 0;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#segments = options.segments;
    this.#file = options.file;
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Adds a record to the next flush. Throws, adding nothing, when it is too large. */
  add(record: StoreRecord): void {
    const isFirst = this.#adding.length === 0;
    this.#adding.add(record);
    if (isFirst) this.#firstRevision = record.revision;
  }

  /** Resolves when all that was added is on disk. One at a time. When it rejects, the log takes no more: close it. */
  async flush(): Promise<void> {
    const records = this.#adding;
    if (records.length === 0) return;
    this.#adding = this.#flushing;
    this.#flushing = records;
    try {
      if (this.#current.size >= this.#options.segmentBytes) await this.#beginSegment(this.#firstRevision);
      await appendAll(this.#file, records.bytes);
      await this.#file.sync();
    } catch (error) {
      throw new Error(`Cannot write the store's log ${this.#current.path}: ${describeError(error)}`, { cause: error });
    }
    this.#current.size += records.length;
    records.clear();
  }

  get #current(): Segment {
    return this.#segments.at(-1)!;
  }

  async #beginSegment(first: number): Promise<void> {
    const { files, folder, onSegment } = this.#options;
    const { file, segment } = await createSegment(first, { files, folder });
    const full = this.#file;
    this.#file = file;
    this.#segments = [...this.#segments, segment];
    onSegment();
    await full.close();
  }

  /** Removes segments that hold nothing after the revision; never the last. */
  async removeUpTo(revision: number): Promise<void> {
    const next = this.#segments[1];
    if (!next || next.first > revision + 1) return;
    await this.#options.files.remove(this.#segments[0]!.path);
    this.#segments = this.#segments.slice(1);
    await this.removeUpTo(revision);
  }

  /** Closes the file, without flushing. Cuts off what was written of a flush that failed: nobody may find it later. */
  async close(failed: boolean): Promise<void> {
    try {
      if (failed) await this.#file.truncate(this.#current.size);
    } finally {
      await this.#file.close();
    }
  }
}

/** Makes an empty segment, durably. */
export async function createSegment(
  first: number,
  { files, folder }: { readonly files: StoreFiles; readonly folder: string },
): Promise<{ file: StoreFile; segment: Segment }> {
  const path = join(folder, segmentName(first));
  const file = await files.create(path);
  try {
    const size = await beginLog(file, first);
    await files.syncFolder(folder);
    return { file, segment: { path, first, size } };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Writes the record every segment begins with to an empty file; answers the file's size. */
export async function beginLog(file: StoreFile, first: number): Promise<number> {
  const head = new RecordBuffer();
  head.add({ kind: "log", revision: first - 1, expiresAt: 0, prefix: "", key: "", value: new Uint8Array(0) });
  await appendAll(file, head.bytes);
  await file.sync();
  return head.length;
}

export function segmentName(first: number): string {
  return `${String(first).padStart(16, "0")}.log`;
}

export function snapshotName(revision: number): string {
  return `${String(revision).padStart(16, "0")}.snapshot`;
}
