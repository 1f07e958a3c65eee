// Objects from manifests: a file, a folder of files (all below it, in the order of their names), or the URL of a file.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isUrl } from "#config";
import type { UnknownObject } from "#kubernetes/api";
import { describeError, exitCodes, UserError } from "#shared";
import { readObjects } from "../apply/read-objects.ts";
import type { PinnedReader } from "../artifacts/pinned-reader.ts";

export interface ManifestSource {
  /** An absolute path, or a URL. */
  readonly manifests: string;
  /** "sha256:…" of the file at the URL. */
  readonly digest?: string | undefined;
}

/** Throws UserError where they cannot be read. */
export async function readManifests(
  { manifests, digest }: ManifestSource,
  reader: PinnedReader,
  signal: AbortSignal,
): Promise<UnknownObject[]> {
  if (isUrl(manifests)) {
    const bytes = await reader.read({ url: manifests, digest }, signal);
    return readObjects(Buffer.from(bytes).toString("utf8"), manifests);
  }
  try {
    const paths = (await stat(manifests)).isDirectory() ? await listFiles(manifests) : [manifests];
    const found = await Promise.all(paths.map(async (path) => readObjects(await readFile(path, "utf8"), path)));
    return found.flat();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new UserError(
      `Cannot read ${manifests}: ${missing ? "there is no such file or folder" : describeError(cause)}`,
      {
        exitCode: exitCodes.notFound,
        cause,
      },
    );
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (paths.length > 0) return paths;
  throw new UserError(`Cannot use ${folder}: it holds no .yaml, .yml or .json files`, { exitCode: exitCodes.config });
}
