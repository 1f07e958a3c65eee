// Writes the files of a volume all at once: readers see the old set or the new, never a mixture. The files lie in a folder of
// their own; "..data" links to it and each visible name links through "..data", so that one rename changes all.

import { randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

export interface ProjectedFile {
  readonly data: Uint8Array;
  readonly mode: number;
  /** Who owns it. Default: root. */
  readonly uid?: number;
}

/** Files by their path relative to the volume. */
export type Payload = ReadonlyMap<string, ProjectedFile>;

const dataName = "..data";
const newDataName = "..data_tmp";

/**
 * Makes the folder hold just these files. `prepare` is called with the new folder before it is shown. Answers whether anything
 * changed. Throws for a path that leaves the volume.
 */
export async function writeAtomically(
  folder: string,
  payload: Payload,
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<boolean> {
  const files = checkPaths(payload);
  const oldName = await readlink(join(folder, dataName)).catch(() => undefined);
  const isSame = oldName !== undefined && (await holds(join(folder, oldName), files));
  if (!isSame) {
    const newName = folderName();
    await writeFiles(join(folder, newName), files);
    await prepare(join(folder, newName));
    await rm(join(folder, newDataName), { force: true });
    await symlink(newName, join(folder, newDataName));
    await rename(join(folder, newDataName), join(folder, dataName));
  }
  await linkNames(folder, files);
  if (!isSame && oldName !== undefined) await rm(join(folder, oldName), { recursive: true, force: true });
  return !isSame;
}

function checkPaths(payload: Payload): Payload {
  const files = new Map<string, ProjectedFile>();
  for (const [path, file] of payload) {
    const clean = normalize(path);
    const leaves = path === "" || path.startsWith("/") || clean.startsWith("..") || clean === ".";
    if (leaves) throw new Error(`invalid path: must be relative path: ${path}`);
    files.set(clean, file);
  }
  return files;
}

/** Such as "..2026_11_21_03_27_00.1234567890". */
function folderName(): string {
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:T]/g, "_");
  return `..${stamp}.${randomBytes(4).readUInt32BE()}`;
}

async function writeFiles(folder: string, files: Payload): Promise<void> {
  await mkdir(folder, { mode: 0o755 });
  await chmod(folder, 0o755);
  for (const [path, { data, mode, uid }] of files) {
    const full = join(folder, path);
    await mkdir(dirname(full), { recursive: true, mode: 0o755 });
    await writeFile(full, data, { mode });
    // The umask must not take from the mode.
    await chmod(full, mode);
    if (uid !== undefined) await chown(full, uid, -1);
  }
}

/** Whether the folder has these files and no others. */
async function holds(folder: string, files: Payload): Promise<boolean> {
  try {
    const present = await readdir(folder, { recursive: true, withFileTypes: true });
    if (present.filter((entry) => !entry.isDirectory()).length !== files.size) return false;
    for (const [path, { data }] of files) {
      if (!(await readFile(join(folder, path))).equals(data)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** One link for each first part of a path; links of what is gone go. */
async function linkNames(folder: string, files: Payload): Promise<void> {
  const names = new Set([...files.keys()].map((path) => path.split("/")[0]!));
  for (const name of names) {
    const link = join(folder, name);
    const exists = await lstat(link).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    await symlink(join(dataName, name), link);
    const uid = files.get(name)?.uid;
    if (uid !== undefined) await lchown(link, uid, -1);
  }
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isSymbolicLink() && !entry.name.startsWith("..") && !names.has(entry.name)) {
      await rm(join(folder, entry.name));
    }
  }
}
