// This machine as providers see it that make machines on it: programs and small kernel files. An argument, so that tests can put up another one.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type Exec, exec } from "#shared";

export interface Host {
  readonly exec: Exec;
  /** The file's text, or undefined where it cannot be read. */
  read(path: string): string | undefined;
  /** The names in a folder; none where there is no such folder. */
  list(path: string): readonly string[];
  /** What a symbolic link says, such as "net:[4026531840]" for /proc/1/ns/net. */
  readLink(path: string): string | undefined;
  inode(path: string): number | undefined;
  write(path: string, content: string): void;
  /** Makes a folder where there is none; the one it lies in must be there. */
  makeFolder(path: string): void;
  /** Removes a file, or a folder with everything in it. A missing one is fine. */
  remove(path: string): void;
  /** Removes an empty folder; false where it is not empty or the kernel still holds it. */
  removeEmptyFolder(path: string): boolean;
  kill(pid: number): void;
}

/** The machine this process runs on. */
export const thisHost: Host = {
  exec,
  read: (path) => attempt(() => readFileSync(path, "utf8")),
  list: (path) => attempt(() => readdirSync(path)) ?? [],
  readLink: (path) => attempt(() => readlinkSync(path)),
  inode: (path) => statSync(path, { throwIfNoEntry: false })?.ino,
  write: (path, content) => writeFileSync(path, content),
  makeFolder: (path) => void (existsSync(path) || mkdirSync(path)),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  removeEmptyFolder: (path) => attempt(() => rmdirSync(path) ?? true) ?? false,
  kill: (pid) => void attempt(() => process.kill(pid, "SIGKILL")),
};

/** What the function answers, or undefined where it throws. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
