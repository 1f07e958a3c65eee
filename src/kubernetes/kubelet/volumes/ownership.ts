// Gives a volume to the pod's fsGroup: all files belong to the group and are readable (and writable) for it.

import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

export interface OwnershipOptions {
  readonly gid: number;
  readonly readOnly: boolean;
  /** Only if the folder itself does not look right: for large volumes. */
  readonly onlyOnMismatch?: boolean;
}

const readWrite = 0o660;
const readOnlyBits = 0o440;
const enter = 0o110;
const setGid = 0o2000;

/** Links are given, but not followed. */
export async function giveToGroup(path: string, options: OwnershipOptions): Promise<void> {
  if (options.onlyOnMismatch && !(await differs(path, options))) return;
  await giveTree(path, options);
}

async function giveTree(path: string, options: OwnershipOptions): Promise<void> {
  const info = await lstat(path);
  if (info.isDirectory()) {
    for (const name of await readdir(path)) await giveTree(join(path, name), options);
  }
  await lchown(path, info.uid, options.gid);
  if (info.isSymbolicLink()) return;
  const bits = options.readOnly ? readOnlyBits : readWrite;
  // Files made in the folder later belong to the group, too.
  await chmod(path, (info.mode & 0o7777) | bits | (info.isDirectory() ? setGid | enter : 0));
}

async function differs(path: string, { gid, readOnly }: OwnershipOptions): Promise<boolean> {
  const info = await lstat(path);
  const wanted = (readOnly ? readOnlyBits : readWrite) | enter | setGid;
  return info.gid !== gid || !info.isDirectory() || (info.mode & wanted) !== wanted;
}
