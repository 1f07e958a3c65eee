// File operations that are whole or not at all.

import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, open, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";

/** Writes a file so that a reader, or a crash, finds the old content or the new, never a part. Makes the folder. */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const file = await open(temporary, "wx", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await file.close();
    await unlink(temporary);
    throw error;
  }
  await file.close();
  await rename(temporary, path);
}

/** Copies a file so that a reader finds the old content or the new, never a part. Makes the folder. An equal file stays as it is. */
export async function copyFileAtomic(from: string, path: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (await isSameFile(from, path)) return chmod(path, mode);
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const size = (await stat(one)).size;
  if ((await stat(other).catch(() => undefined))?.size !== size) return false;
  const [first, second] = await Promise.all([hashFile(one), hashFile(other)]);
  return first === second;
}

/** SHA-256 of a file, in hex; however big it is. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** The file's text, or undefined where there is no such file. */
export async function readFileIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes a file or a whole folder; a missing one is fine. */
export async function removeIfExists(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
