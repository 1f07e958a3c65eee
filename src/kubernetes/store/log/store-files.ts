// The few file operations the store's log stands on, as an interface so that tests can tear, fail and forget writes.

import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { lockFolder } from "./folder-lock.ts";

export interface StoreFile {
  /** Writes at the end of the file; answers how many bytes it took, which may be fewer. */
  append(bytes: Uint8Array): Promise<number>;
  /** Reads from a position; answers how many bytes there were, fewer or none at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  /** Resolves when everything appended is on disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreFiles {
  /** Makes the folder and those above it, where missing. */
  makeFolder(folder: string): Promise<void>;
  /** Locks the folder against other processes; the answer unlocks it. Throws when it is locked. */
  lock(folder: string): Promise<() => Promise<void>>;
  list(folder: string): Promise<string[]>;
  /** Opens an existing file, to be read only or to be changed too. */
  open(path: string, purpose: "read" | "write"): Promise<StoreFile>;
  /** Makes an empty file, in place of one that is there. */
  create(path: string): Promise<StoreFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Resolves when the making, renaming and removing of files in the folder is on disk. */
  syncFolder(folder: string): Promise<void>;
}

/** The machine's files. */
export const nodeFiles: StoreFiles = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  },
  lock: lockFolder,
  list: (folder) => readdir(folder),
  open: async (path, purpose) =>
    storeFile(await open(path, purpose === "read" ? constants.O_RDONLY : constants.O_RDWR | constants.O_APPEND)),
  create: async (path) => storeFile(await open(path, "w+", 0o600)),
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncFolder(folder) {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

function storeFile(handle: FileHandle): StoreFile {
  return {
    append: async (bytes) => (await handle.write(bytes)).bytesWritten,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    truncate: (size) => handle.truncate(size),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

/** Appends all of the bytes. */
export async function appendAll(file: StoreFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const taken = await file.append(done === 0 ? bytes : bytes.subarray(done));
    if (taken === 0) throw new Error("the file takes no more bytes");
    done += taken;
  }
}
