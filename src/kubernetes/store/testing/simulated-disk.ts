// A disk in memory that forgets what was not synced when its power is cut, and fails when told to. Power takes any part of the
// unsynced writes: whole sectors in any order, and any of the unsynced makings, renamings and removals of files.

import { basename, dirname } from "node:path";
import type { StoreFile, StoreFiles } from "../log/store-files.ts";
import type { Random } from "./random.ts";

const sectorBytes = 512;

interface Content {
  /** As programs see it. */
  bytes: Buffer;
  /** As it is on the disk for certain. */
  synced: Buffer;
}

export type DiskOperation =
  | "list"
  | "open"
  | "create"
  | "append"
  | "read"
  | "truncate"
  | "sync"
  | "rename"
  | "remove"
  | "syncFolder";

/** Decides on an operation before it is done: throw to fail it; a number lets an append take only so many bytes. */
export type DiskFault = (operation: DiskOperation, path: string, size: number) => number | undefined;

export class SimulatedDisk {
  fault: DiskFault = () => undefined;
  #files = new Map<string, Content>();
  /** The names for certain on the disk. */
  #syncedNames = new Map<string, Content>();
  /** Unsynced changes of names: each happens whole or not at all. */
  #unsynced: ReadonlyMap<string, Content | undefined>[] = [];
  /** Files handed out before the program was killed work no longer. */
  #lives = 0;

  /** The disk's files, for a program until it is killed. */
  files(): StoreFiles {
    const life = this.#lives;
    const check = (operation: DiskOperation, path: string, size = 0) => {
      if (life !== this.#lives) throw new Error("the program was killed");
      return this.fault(operation, path, size);
    };
    const contentOf = (path: string) => {
      const content = this.#files.get(path);
      if (!content) throw Object.assign(new Error(`ENOENT: no such file, ${path}`), { code: "ENOENT" });
      return content;
    };
    return {
      makeFolder: async () => {},
      lock: async () => async () => {},
      list: async (folder) => {
        check("list", folder);
        return [...this.#files.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path));
      },
      open: async (path) => {
        check("open", path);
        return this.#open(path, contentOf(path), check);
      },
      create: async (path) => {
        check("create", path);
        const content = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) };
        this.#setNames(new Map([[path, content]]));
        return this.#open(path, content, check);
      },
      rename: async (from, to) => {
        check("rename", from);
        this.#setNames(
          new Map([
            [to, contentOf(from)],
            [from, undefined],
          ]),
        );
      },
      remove: async (path) => {
        check("remove", path);
        this.#setNames(new Map([[path, undefined]]));
      },
      syncFolder: async (folder) => {
        check("syncFolder", folder);
        this.#syncedNames = new Map(this.#files);
        this.#unsynced = [];
      },
    };
  }

  #setNames(change: ReadonlyMap<string, Content | undefined>): void {
    applyNames(this.#files, change);
    this.#unsynced.push(change);
  }

  #open(
    path: string,
    content: Content,
    check: (operation: DiskOperation, path: string, size?: number) => number | undefined,
  ): StoreFile {
    return {
      append: async (bytes) => {
        const taken = bytes.subarray(0, check("append", path, bytes.length) ?? bytes.length);
        content.bytes = Buffer.concat([content.bytes, taken]);
        return taken.length;
      },
      read: async (into, position) => {
        check("read", path);
        return content.bytes.copy(into, 0, Math.min(position, content.bytes.length));
      },
      truncate: async (size) => {
        check("truncate", path);
        content.bytes = Buffer.from(content.bytes.subarray(0, size));
      },
      sync: async () => {
        check("sync", path);
        content.synced = content.bytes;
      },
      close: async () => {},
    };
  }

  /** What a file holds, as programs see it. */
  read(path: string): Buffer {
    return this.#files.get(path)!.bytes;
  }

  /** Sets a file's content, durably. */
  write(path: string, bytes: Uint8Array): void {
    const content = { bytes: Buffer.from(bytes), synced: Buffer.from(bytes) };
    this.#files.set(path, content);
    this.#syncedNames.set(path, content);
  }

  names(): string[] {
    return [...this.#files.keys()].sort();
  }

  /** Kills the program: what it wrote is there, synced or not. */
  kill(): void {
    this.#lives++;
    this.fault = () => undefined;
  }

  /** Cuts the power, and gives it back: what was not synced is there or not, as chance will have it. */
  cutPower(random: Random): void {
    this.kill();
    for (const change of this.#unsynced) if (random.chance(0.5)) applyNames(this.#syncedNames, change);
    this.#unsynced = [];
    this.#files = new Map();
    for (const [path, content] of this.#syncedNames) {
      const bytes = tear(content, random);
      this.#files.set(path, { bytes, synced: bytes });
    }
    this.#syncedNames = new Map(this.#files);
  }
}

function applyNames(names: Map<string, Content>, change: ReadonlyMap<string, Content | undefined>): void {
  for (const [path, content] of change) {
    if (content) names.set(path, content);
    else names.delete(path);
  }
}

/** The content after a power cut: of the sectors that differ, some are new and some are old; what was never there is zeros. */
function tear({ bytes, synced }: Content, random: Random): Buffer {
  if (bytes === synced) return bytes;
  const shortest = Math.min(bytes.length, synced.length);
  const size = shortest + random.below(Math.max(bytes.length, synced.length) - shortest + 1);
  const torn = Buffer.alloc(size);
  const newChance = random.pick([0, 0.5, 0.9, 1]);
  for (let start = 0; start < size; start += sectorBytes) {
    const source = random.chance(newChance) ? bytes : synced;
    source.copy(torn, start, Math.min(start, source.length), Math.min(start + sectorBytes, source.length));
  }
  return torn;
}
