// One process per store folder. A lock is a symbolic link "lock-<n>" that names its process: made whole or not at all, and it
// needs no space on a full disk. The lock of a process that died is taken over by making the next number.

import { readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "#shared";

interface Lock {
  readonly number: number;
  /** "<pid>:<when it started>": a pid alone may belong to another process by now. */
  readonly owner: string;
}

/** Locks the folder for this process until the answer is called. Throws when a living process, or this one, holds it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const owner = `${process.pid}:${await startOf(process.pid)}`;
  for (;;) {
    const locks = await readLocks(folder);
    await refuseIfHeld(folder, locks);
    const number = Math.max(0, ...locks.map((lock) => lock.number)) + 1;
    if (!(await makeLock(folder, { number, owner }))) continue;
    // Whoever read the folder before us may have made this very number again after a later one was taken: the highest counts.
    const later = (await readLocks(folder)).filter((lock) => lock.number > number);
    const release = () => rm(pathOf(folder, number), { force: true });
    try {
      await refuseIfHeld(folder, later);
    } catch (error) {
      await release();
      throw error;
    }
    for (const dead of locks) await rm(pathOf(folder, dead.number), { force: true });
    return release;
  }
}

function pathOf(folder: string, number: number): string {
  return join(folder, `lock-${number}`);
}

async function makeLock(folder: string, lock: Lock): Promise<boolean> {
  try {
    await symlink(lock.owner, pathOf(folder, lock.number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readLocks(folder: string): Promise<Lock[]> {
  const locks: Lock[] = [];
  for (const name of await readdir(folder)) {
    const number = /^lock-(\d+)$/.exec(name)?.[1];
    if (number === undefined) continue;
    // Gone since the folder was read: released.
    const owner = await readlink(join(folder, name)).catch(() => undefined);
    if (owner !== undefined) locks.push({ number: Number(number), owner });
  }
  return locks;
}

async function refuseIfHeld(folder: string, locks: readonly Lock[]): Promise<void> {
  for (const { number, owner } of locks) {
    const [pid = "", start = ""] = owner.split(":");
    if (!(await isAlive(Number(pid), start))) continue;
    throw new UserError(`Cannot open the store in ${folder}: process ${pid} has it open`, {
      hints: [`Stop that process, or remove ${pathOf(folder, number)} if it is not using this folder`],
    });
  }
}

async function isAlive(pid: number, start: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = await startOf(pid);
  return now !== "ended" && (now === "" || start === "" || now === start);
}

/** When a process started, in ticks since boot; "" where nobody tells; "ended" for one that only waits to be reaped. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return "ended";
  return fields[19] ?? "";
}
