// Snapshots: a file of records that holds the whole state at one revision. Written to a temporary name first, so that a file
// of the right name is complete. The same form serves as backup.

import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { UserError } from "#shared";
import type { IndexEvent } from "../event-window.ts";
import type { Transformer } from "../store.ts";
import type { EncodedObject } from "../stored-object.ts";
import type { CapturedCollection } from "../versioned-collection.ts";
import { readRecords } from "./read-records.ts";
import { type ReadRecord, RecordBuffer } from "./record.ts";
import { appendAll, type StoreFile, type StoreFiles } from "./store-files.ts";

/** Ends the name of a file that is not whole yet. */
export const temporarySuffix = ".tmp";
/** About a millisecond's work: between blocks everybody else has a turn. */
const blockBytes = 256 * 1024;
/** A disk asked to keep much at once lets the log's flushes wait. */
const syncEveryBytes = 4 * 1024 * 1024;
const eventsInOneTurn = 4096;
const nothing = new Uint8Array(0);

export interface WriteSnapshotOptions {
  readonly files: StoreFiles;
  /** The state before the captured events. */
  readonly revision: number;
  readonly transformer?: Transformer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Writes what was captured, rolled back to the revision; answers the file's size. Leaves nothing behind when it fails. */
export async function writeSnapshot(
  path: string,
  captured: readonly CapturedCollection[],
  options: WriteSnapshotOptions,
): Promise<number> {
  const { files } = options;
  const temporary = path + temporarySuffix;
  const file = await files.create(temporary);
  try {
    const size = await writeState(file, captured, options);
    await file.close();
    await files.rename(temporary, path);
    await files.syncFolder(dirname(path));
    return size;
  } catch (error) {
    await file.close().catch(() => {});
    await files.remove(temporary).catch(() => {});
    throw error;
  }
}

async function writeState(
  file: StoreFile,
  captured: readonly CapturedCollection[],
  { revision, transformer, signal }: WriteSnapshotOptions,
): Promise<number> {
  const writer = new BlockWriter(file);
  const mark = { revision, expiresAt: 0, prefix: "", value: nothing };
  let count = 0;
  writer.records.add({ ...mark, kind: "snapshot", key: "" });
  for (const { prefix, objects, events } of captured) {
    for (const object of statesAt(objects, await statesBefore(events))) {
      const { key, bytes, revision, expiresAt } = object;
      const value = transformer ? transformer.toDisk(prefix + key, bytes) : bytes;
      writer.records.add({ kind: "put", revision, expiresAt, prefix, key, value });
      count++;
      if (writer.records.length < blockBytes) continue;
      await writer.flush();
      signal?.throwIfAborted();
    }
  }
  writer.records.add({ ...mark, kind: "end", key: String(count) });
  await writer.flush();
  await file.sync();
  return writer.size;
}

/** The states the keys of the events had before the first of them. */
async function statesBefore(events: readonly IndexEvent[]): Promise<Map<string, EncodedObject | undefined>> {
  const past = new Map<string, EncodedObject | undefined>();
  for (const [index, { current, previous }] of events.entries()) {
    if (!past.has(current.key)) past.set(current.key, previous);
    if (index % eventsInOneTurn === eventsInOneTurn - 1) await setImmediate();
  }
  return past;
}

function* statesAt(
  objects: readonly EncodedObject[],
  past: ReadonlyMap<string, EncodedObject | undefined>,
): Generator<EncodedObject> {
  for (const object of objects) if (!past.has(object.key)) yield object;
  for (const object of past.values()) if (object) yield object;
}

class BlockWriter {
  readonly records = new RecordBuffer();
  size = 0;
  readonly #file: StoreFile;
  #unsynced = 0;

  constructor(file: StoreFile) {
    this.#file = file;
  }

  async flush(): Promise<void> {
    const { bytes } = this.records;
    await appendAll(this.#file, bytes);
    this.size += bytes.length;
    this.#unsynced += bytes.length;
    this.records.clear();
    if (this.#unsynced < syncEveryBytes) return;
    this.#unsynced = 0;
    await this.#file.sync();
  }
}

/** What a snapshot says of itself. */
export interface SnapshotSummary {
  readonly revision: number;
  readonly size: number;
}

/**
 * Reads a snapshot through, handing every object's record to `visit`. Throws a UserError naming the place when the file is not
 * a whole and sound snapshot.
 */
export async function readSnapshot(
  path: string,
  visit: (record: ReadRecord) => void | Promise<void>,
  { files, signal }: { readonly files: StoreFiles; readonly signal?: AbortSignal | undefined },
): Promise<SnapshotSummary> {
  const file = await files.open(path, "read");
  try {
    let begin: number | undefined;
    let end: string | undefined;
    let count = 0;
    const read = await readRecords(
      file,
      (record, position) => {
        const fits = position === 0 ? record.kind === "snapshot" : end === undefined && record.kind !== "snapshot";
        if (!fits) throw notASnapshot(path, position, `a ${record.kind} record is out of place`);
        if (record.kind === "snapshot") begin = record.revision;
        else if (record.kind === "end") end = record.key;
        else count++;
        return record.kind === "put" ? visit(record) : undefined;
      },
      signal,
    );
    if (read.problem) throw notASnapshot(path, read.position, read.problem);
    if (begin === undefined || end !== String(count)) throw notASnapshot(path, read.position, "its end is missing");
    return { revision: begin, size: read.position };
  } finally {
    await file.close();
  }
}

function notASnapshot(path: string, position: number, problem: string): UserError {
  return new UserError(`Cannot read the snapshot ${path}: damaged at byte ${position}: ${problem}`, {
    hints: ["Use another snapshot: this one does not hold what was written to it."],
  });
}
