// Makes a snapshot of etcd ready to be restored under API servers that have gone on since: its revision jumps ahead, and all before counts
// as compacted, so that whoever watched the later data starts anew instead of waiting for revisions that come again with other meaning.
// Newer etcd does so itself (etcdutl snapshot restore --bump-revision --mark-compacted); with this, every etcd since 3.4 does.

import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, type FileHandle, open, rm, stat } from "node:fs/promises";
import { UserError } from "#shared";
import { BoltFile, BoltFormatError } from "./bolt-file.ts";

/** As etcd's documentation advises. */
const usualBump = 1_000_000_000;
const digestBytes = 32;
const smallestPage = 512;
/** Above it, numbers are no longer exact. */
const highestRevision = BigInt(Number.MAX_SAFE_INTEGER);

export interface BumpOptions {
  /** Default: 1,000,000,000. */
  readonly bumpRevision?: number;
  readonly signal?: AbortSignal;
}

/**
 * Checks the snapshot in `path` (as etcd's Maintenance API, or `etcdctl snapshot save`, writes it) and writes the other one to `target`, for
 * its owner alone; answers the revision at which etcd will begin. Throws a UserError where it is none, or damaged.
 */
export async function bumpEtcdSnapshot(path: string, target: string, options: BumpOptions = {}): Promise<number> {
  const { bumpRevision = usualBump, signal } = options;
  const { size } = await stat(path);
  if (size % smallestPage !== digestBytes) throw unusable(path, "it is no snapshot of etcd, or is cut short");
  const { found, wanted } = await readDigests(path, size, signal);
  if (!found.equals(wanted)) throw unusable(path, "it is damaged: its digest is another one");
  await rm(target, { force: true });
  await copyFile(path, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const file = await open(target, "r+");
  try {
    await file.chmod(0o600);
    const revision = await bump(file, bumpRevision);
    await file.datasync();
    return revision;
  } catch (error) {
    if (!(error instanceof BoltFormatError)) throw error;
    throw unusable(path, `it is damaged: ${error.message}`);
  } finally {
    await file.close();
  }
}

async function bump(file: FileHandle, by: number): Promise<number> {
  const bolt = await BoltFile.open(file);
  const last = (await bolt.lastEntry("key"))?.key.readBigUInt64BE(0) ?? 1n;
  const revision = last + BigInt(by);
  if (revision > highestRevision) throw new BoltFormatError(`its revision is ${last}`);
  const value = Buffer.alloc(17);
  value.writeBigUInt64BE(revision, 0);
  value.write("_", 8);
  await bolt.put(
    "meta",
    ["finishedCompactRev", "scheduledCompactRev"].map((name) => ({ key: Buffer.from(name), value })),
  );
  await file.truncate(bolt.length);
  const digest = await digestOf(file.createReadStream({ start: 0, end: bolt.length - 1, autoClose: false }));
  await file.write(digest, 0, digestBytes, bolt.length);
  return Number(revision);
}

async function readDigests(path: string, size: number, signal: AbortSignal | undefined) {
  const file = await open(path, "r");
  try {
    const wanted = Buffer.alloc(digestBytes);
    await file.read(wanted, 0, digestBytes, size - digestBytes);
    const data = createReadStream(path, { end: size - digestBytes - 1, ...(signal && { signal }) });
    return { found: await digestOf(data), wanted };
  } finally {
    await file.close();
  }
}

async function digestOf(data: AsyncIterable<Buffer>): Promise<Buffer> {
  const hash = createHash("sha256");
  for await (const part of data) hash.update(part);
  return hash.digest();
}

function unusable(path: string, why: string): UserError {
  return new UserError(`Cannot restore ${path}: ${why}`);
}
