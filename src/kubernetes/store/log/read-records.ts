// Reads a file of records from the front, block by block, and tells an unfinished last write from damage.

import { type ReadRecord, readRecord, recordHeaderBytes, recordSize } from "./record.ts";
import type { StoreFile } from "./store-files.ts";

const blockBytes = 512 * 1024;

/** Where reading ended, and why, if that was not the end of the file. */
export interface ReadEnd {
  /** The position after the last sound record. */
  readonly position: number;
  readonly problem?: "a record is cut off" | "a record does not match its checksum";
}

/** Hands every sound record to `visit`, in order; a record and its value are only valid until it is done. */
export async function readRecords(
  file: StoreFile,
  visit: (record: ReadRecord, position: number) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<ReadEnd> {
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let filled = 0;
  let blockPosition = 0;
  for (;;) {
    signal?.throwIfAborted();
    const count = await file.read(block.subarray(filled), blockPosition + filled);
    filled += count;
    const visitAt = (record: ReadRecord, at: number) => visit(record, blockPosition + at);
    const { used, wanted } = await visitBlock(block.subarray(0, filled), visitAt);
    const position = blockPosition + used;
    if (wanted === "damaged") return { position, problem: "a record does not match its checksum" };
    if (count === 0) return used === filled ? { position } : { position, problem: "a record is cut off" };
    const next = wanted > block.length ? Buffer.allocUnsafeSlow(wanted) : block;
    block.copy(next, 0, used, filled);
    block = next;
    blockPosition += used;
    filled -= used;
  }
}

/** Visits the records that are whole; `wanted` is the room the next one needs. */
async function visitBlock(
  block: Buffer,
  visit: (record: ReadRecord, at: number) => void | Promise<void>,
): Promise<{ used: number; wanted: number | "damaged" }> {
  let used = 0;
  for (;;) {
    const size = recordSize(block, used);
    if (size === "damaged") return { used, wanted: size };
    if (size === "more") return { used, wanted: recordHeaderBytes };
    if (used + size > block.length) return { used, wanted: size };
    const record = readRecord(block, used);
    if (!record) return { used, wanted: "damaged" };
    const visited = visit(record, used);
    if (visited !== undefined) await visited;
    used = record.end;
  }
}

/**
 * Whether a flush began somewhere after `position`. A flush begins only when all before it is on disk: then what is unsound at
 * `position` was sound once. Otherwise it belongs to the last flush, which nobody was told of.
 */
export async function isFollowedByFlush(file: StoreFile, position: number, afterRevision: number): Promise<boolean> {
  const rest = await readRest(file, position);
  for (let at = 1; at + recordHeaderBytes <= rest.length; at++) {
    // Cheap tests first: this looks at every byte, and hardly one is the start of a record.
    if (rest[at + 9] !== 1 || rest.readUIntLE(at + 10, 6) <= afterRevision) continue;
    if (readRecord(rest, at)) return true;
  }
  return false;
}

async function readRest(file: StoreFile, position: number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for (;;) {
    const block = Buffer.allocUnsafeSlow(blockBytes);
    const count = await file.read(block, position);
    if (count === 0) return Buffer.concat(blocks);
    blocks.push(block.subarray(0, count));
    position += count;
  }
}
