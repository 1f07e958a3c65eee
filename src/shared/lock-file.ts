// One process at a time: a lock file that names its holder. A holder that died without letting go is found out by its
// pid and start time, so nobody ever has to remove the file by hand.

import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { identifyProcess, isProcessAlive, type ProcessIdentity } from "./process-identity.ts";

interface Holder extends ProcessIdentity {
  /** What it does, such as "up". */
  readonly purpose: string;
}

/** Takes the lock; the answer lets it go. Throws UserError while another process holds it. */
export function takeLock(path: string, purpose: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const content = JSON.stringify({ ...identifyProcess(process.pid)!, purpose });
  writeFileSync(own, content);
  try {
    // A hard link is made whole or not at all, and never over another file.
    while (!tryLink(own, path)) removeIfStale(path);
  } finally {
    unlinkSync(own);
  }
  return () => {
    if (readIfExists(path) === content) unlinkSync(path);
  };
}

/** As takeLock, but undefined where another process holds it. */
export function tryTakeLock(path: string, purpose: string): (() => void) | undefined {
  try {
    return takeLock(path, purpose);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function removeIfStale(path: string): void {
  const content = readIfExists(path);
  if (content === undefined) return;
  const holder = parseHolder(content);
  if (holder && isProcessAlive(holder)) {
    throw new UserError(`Cannot take ${path}: slipway ${holder.purpose} (pid ${holder.pid}) holds it`, {
      hints: ["Wait until it has ended, then run this again."],
      exitCode: exitCodes.conflict,
    });
  }
  const aside = `${path}.stale.${randomBytes(4).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  // Between reading and renaming another process may have removed the stale lock and taken a new one: give it back.
  if (readIfExists(aside) !== content) tryLink(aside, path);
  unlinkSync(aside);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function parseHolder(content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
