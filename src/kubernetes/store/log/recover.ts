// Brings a store back from its folder: the newest snapshot, then the log after it, change by change, so that watches and lists
// can begin in the past again. Cuts off a last write that never finished; refuses damage anywhere else.

import { join } from "node:path";
import { type Clock, type Logger, UserError } from "#shared";
import type { Transformer } from "../store.ts";
import { type EncodedObject, type EncodedObjectInit, ownCopy } from "../stored-object.ts";
import { type HistoryLimits, VersionedIndex } from "../versioned-index.ts";
import { createSegment, type Segment } from "./log-writer.ts";
import { isFollowedByFlush, type ReadEnd, readRecords } from "./read-records.ts";
import type { ReadRecord } from "./record.ts";
import { readSnapshot, temporarySuffix } from "./snapshot-file.ts";
import type { StoreFile, StoreFiles } from "./store-files.ts";

export interface RecoverOptions {
  readonly files: StoreFiles;
  readonly makeObject: (init: EncodedObjectInit) => EncodedObject;
  readonly history: HistoryLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transformer?: Transformer | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Recovered {
  readonly index: VersionedIndex;
  /** The log, oldest first; the last segment's file is open. */
  readonly segments: readonly Segment[];
  readonly file: StoreFile;
  /** The snapshot the log goes on from. */
  readonly snapshot: { readonly revision: number; readonly size: number };
}

export async function recover(folder: string, options: RecoverOptions): Promise<Recovered> {
  const { files } = options;
  // A process that was killed may have left names that are not on disk yet; from here on they are relied upon.
  await files.syncFolder(folder);
  const names = await files.list(folder);
  for (const name of names) if (name.endsWith(temporarySuffix)) await files.remove(join(folder, name));
  const { index, snapshot } = await recoverSnapshot(folder, names, options);
  const segments = await findSegments(folder, { names, files, revision: snapshot.revision });
  for (const segment of segments.slice(0, -1)) await replayFull(segment, index, options);
  const last = segments.at(-1);
  if (!last) return { index, snapshot, ...(await firstSegment(index.revision + 1, { files, folder })) };
  const file = await replayLast(last, index, options);
  if (file) return { index, segments, file, snapshot };
  // Begun, but it holds not even its first record: as if it had not been. The one before is whole and can take more.
  await files.remove(last.path);
  const before = segments.at(-2);
  if (!before) return { index, snapshot, ...(await firstSegment(last.first, { files, folder })) };
  return { index, segments: segments.slice(0, -1), file: await files.open(before.path, "write"), snapshot };
}

async function firstSegment(
  first: number,
  where: { readonly files: StoreFiles; readonly folder: string },
): Promise<{ segments: readonly Segment[]; file: StoreFile }> {
  const { file, segment } = await createSegment(first, where);
  return { segments: [segment], file };
}

async function recoverSnapshot(
  folder: string,
  names: readonly string[],
  options: RecoverOptions,
): Promise<Pick<Recovered, "index" | "snapshot">> {
  const { files, history, clock, logger, signal } = options;
  const [newest, ...older] = numbered(names, "snapshot").reverse();
  if (!newest) return { index: new VersionedIndex({ history, clock, logger }), snapshot: { revision: 1, size: 0 } };
  const collections = new Map<string, EncodedObject[]>();
  const add = (record: ReadRecord) => {
    const objects = collections.get(record.prefix);
    const object = decodeObject(record, options);
    if (objects) objects.push(object);
    else collections.set(record.prefix, [object]);
  };
  const visit = (record: ReadRecord) => whenReadable(record, options, () => add(record));
  const { size } = await readSnapshot(join(folder, newest.name), visit, { files, signal });
  for (const { name } of older) await files.remove(join(folder, name));
  // The name counts: a restored snapshot begins later than what it holds.
  const revision = newest.number;
  const index = new VersionedIndex({ revision, oldest: revision, history, clock, logger });
  for (const [prefix, objects] of collections) {
    objects.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    index.collection(prefix).load(objects);
  }
  return { index, snapshot: { revision, size } };
}

/** The segments after the snapshot, oldest first. Removes older ones: a crash may have come before that. */
async function findSegments(
  folder: string,
  { names, files, revision }: { names: readonly string[]; files: StoreFiles; revision: number },
): Promise<Segment[]> {
  const all = numbered(names, "log").map(({ name, number }) => ({ path: join(folder, name), first: number, size: 0 }));
  const begin = Math.max(
    all.findLastIndex(({ first }) => first <= revision + 1),
    0,
  );
  for (const { path } of all.slice(0, begin)) await files.remove(path);
  return all.slice(begin);
}

function numbered(names: readonly string[], suffix: string): { name: string; number: number }[] {
  const form = new RegExp(`^(\\d{16})\\.${suffix}$`);
  return names
    .flatMap((name) => {
      const number = form.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    })
    .sort((a, b) => a.number - b.number);
}

async function replayFull(segment: Segment, index: VersionedIndex, options: RecoverOptions): Promise<void> {
  const file = await options.files.open(segment.path, "read");
  try {
    const end = await replay(file, segment, { index, options });
    if (end.problem) throw damaged(segment.path, end.position, end.problem);
  } finally {
    await file.close();
  }
}

/** Answers the open file, ready to be written on; undefined when it does not hold even the segment's first record. */
async function replayLast(
  segment: Segment,
  index: VersionedIndex,
  options: RecoverOptions,
): Promise<StoreFile | undefined> {
  const file = await options.files.open(segment.path, "write");
  try {
    const { position, problem } = await replay(file, segment, { index, options });
    if (problem) {
      if (await isFollowedByFlush(file, position, index.revision)) throw damaged(segment.path, position, problem);
      options.logger.warn({ file: segment.path, position }, "cutting off a write that did not finish");
      await file.truncate(position);
    }
    // What is read back must not be lost again: a flush cut short by a crash may have left it in memory only.
    await file.sync();
    if (position > 0) return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

const recordsPerPublish = 256;

async function replay(
  file: StoreFile,
  segment: Segment,
  { index, options }: { index: VersionedIndex; options: RecoverOptions },
): Promise<ReadEnd> {
  const next = index.revision + 1;
  if (segment.first > next) {
    const gap = `the changes before it, from revision ${next} to ${segment.first - 1}, are missing`;
    throw new UserError(`Cannot read ${segment.path}: ${gap}`, { hints: [restoreHint] });
  }
  let count = 0;
  const end = await readRecords(
    file,
    (record, position) =>
      whenReadable(record, options, () => {
        const isSound = position === 0 ? isHead(record, segment) : applyRecord(record, index, options);
        if (!isSound) throw damaged(segment.path, position, `a record of revision ${record.revision} is out of place`);
        count++;
        if (count % recordsPerPublish === 0) index.publish();
      }),
    options.signal,
  );
  index.publish();
  segment.size = end.position;
  return end;
}

function isHead({ kind, revision }: ReadRecord, { first }: Segment): boolean {
  return kind === "log" && revision === first - 1;
}

/** Answers whether the record is what must come next. */
function applyRecord(record: ReadRecord, index: VersionedIndex, options: RecoverOptions): boolean {
  const { kind, key, prefix, revision } = record;
  if (kind !== "put" && kind !== "delete") return false;
  if (revision !== index.revision + 1) return false;
  const stored = kind === "put" ? decodeObject(record, options) : undefined;
  return index.apply({ collection: index.collection(prefix), key, revision, stored }) !== undefined;
}

/** Takes the record once its value can be decoded: at once, but for the first of those that share a secret kept elsewhere. */
function whenReadable(
  { kind, prefix, key, value }: ReadRecord,
  { transformer, signal }: RecoverOptions,
  take: () => void,
): void | Promise<void> {
  const wait = kind === "put" ? transformer?.prepare?.(prefix + key, value, signal) : undefined;
  return wait === undefined ? take() : wait.then(take);
}

function decodeObject(record: ReadRecord, { transformer, makeObject }: RecoverOptions): EncodedObject {
  const { key, prefix, revision, expiresAt, value } = record;
  const bytes = ownCopy(transformer ? transformer.fromDisk(prefix + key, value) : value);
  return makeObject({ key, revision, bytes, expiresAt });
}

const restoreHint = "Restore a backup into a new folder";

function damaged(path: string, position: number, problem: string): UserError {
  return new UserError(`Cannot read ${path}: damaged at byte ${position}: ${problem}`, { hints: [restoreHint] });
}
