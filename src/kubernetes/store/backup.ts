// Backups: a file written by saveSnapshot of a store in this process becomes the folder of a new embedded store.

import { join } from "node:path";
import { UserError } from "#shared";
import { snapshotName } from "./log/log-writer.ts";
import { readSnapshot, temporarySuffix } from "./log/snapshot-file.ts";
import { appendAll, nodeFiles, type StoreFile, type StoreFiles } from "./log/store-files.ts";

export interface RestoreOptions {
  /**
   * How far the store's revision jumps ahead of the backup's. Clients may have seen later revisions than the backup's: they
   * must not take them for revisions of the restored store. Default: 1,000,000,000, as etcd's documentation advises.
   */
  readonly bumpRevision?: number;
  readonly files?: StoreFiles;
  readonly signal?: AbortSignal;
}

const copyBytes = 4 * 1024 * 1024;

/**
 * Checks a backup and makes it the store in the folder; answers the revision the store will begin at. Throws a UserError when
 * the backup is damaged, or the folder holds a store already.
 */
export async function restoreSnapshot(path: string, folder: string, options: RestoreOptions = {}): Promise<number> {
  const { bumpRevision = 1_000_000_000, files = nodeFiles, signal } = options;
  const { revision } = await readSnapshot(path, () => {}, { files, signal });
  await files.makeFolder(folder);
  const unlock = await files.lock(folder);
  try {
    const present = (await files.list(folder)).find((name) => /\.(log|snapshot)$/.test(name));
    if (present) {
      throw new UserError(`Cannot restore into ${folder}: there is a store already (${present})`, {
        hints: ["Restore into a new folder"],
      });
    }
    // A snapshot's name says where its store begins, which may be later than what it holds.
    const begin = revision + bumpRevision;
    const target = join(folder, snapshotName(begin));
    await copyDurably(path, target + temporarySuffix, files);
    await files.rename(target + temporarySuffix, target);
    await files.syncFolder(folder);
    return begin;
  } finally {
    await unlock();
  }
}

async function copyDurably(from: string, to: string, files: StoreFiles): Promise<void> {
  const source = await files.open(from, "read");
  try {
    const target = await files.create(to);
    try {
      await copyAll(source, target);
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyAll(source: StoreFile, target: StoreFile): Promise<void> {
  const block = Buffer.allocUnsafeSlow(copyBytes);
  for (let position = 0; ; ) {
    const count = await source.read(block, position);
    if (count === 0) return;
    await appendAll(target, block.subarray(0, count));
    position += count;
  }
}
