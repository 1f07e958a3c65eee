// Brings the archives of images that lie in a folder into a node's containerd, each once: a mark beside it says that it is there.

import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ImportTarget, importImages } from "./import-images.ts";

const markSuffix = ".imported";

/** A folder that is not there holds none. Throws CommandFailedError for what is no archive of images. */
export async function importArchives(folder: string, target: ImportTarget): Promise<void> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const file of files.filter((name) => isWaiting(name, files)).toSorted()) {
    await importImages(join(folder, file), target);
    await writeFile(join(folder, `${file}${markSuffix}`), "");
  }
}

function isWaiting(name: string, files: readonly string[]): boolean {
  return !name.endsWith(markSuffix) && !files.includes(`${name}${markSuffix}`);
}
