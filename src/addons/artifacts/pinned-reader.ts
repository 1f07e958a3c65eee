// Files others publish (manifests, charts), each held to a digest: the one it is pinned to, or else the one it had when it was first
// read, which a lock file keeps. What was read once is kept on this machine. Where files come from otherwise, the network or a bundle,
// is the caller's business.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import { noteDigest, readLockedDigest } from "./artifact-lock.ts";

export interface PublishedFile {
  readonly url: string;
  /** "sha256:…". Absent where upstream makes the file when it releases, so that nobody could look at it beforehand. */
  readonly digest?: string | undefined;
}

/** Reads what lies at a URL. Throws UserError where it cannot be had. bootstrap's ArtifactSource is one. */
export interface FileSource {
  read(url: string, options: { readonly signal: AbortSignal; readonly digest?: string }): Promise<Uint8Array>;
}

export interface PinnedReaderPlaces {
  /** Keeps what was read, by digest. */
  readonly cache: string;
  /** addons.lock.json of the cluster. */
  readonly lockFile: string;
}

export interface PinnedReader {
  /** The file's bytes, from the cache or the source. Throws UserError where it is not what it was. */
  read(file: PublishedFile, signal: AbortSignal): Promise<Uint8Array>;
}

export function createPinnedReader(source: FileSource, { cache, lockFile }: PinnedReaderPlaces): PinnedReader {
  return {
    async read({ url, digest }, signal) {
      const wanted = digest ?? (await readLockedDigest(lockFile, url));
      const kept = wanted && (await readKept(cache, wanted));
      if (kept) return kept;
      const bytes = await source.read(url, { signal, ...(digest !== undefined && { digest }) });
      const found = digestOf(bytes);
      if (wanted !== undefined && found !== wanted) throw hasChanged(url, { found, wanted, lockFile });
      await writeFileAtomic(pathOf(cache, found), bytes);
      if (digest === undefined) await noteDigest(lockFile, url, found);
      return bytes;
    },
  };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function pathOf(cache: string, digest: string): string {
  return join(cache, digest.replace(":", "-"));
}

/** A file that is not what its name says, such as one that was tampered with, counts as missing. */
async function readKept(cache: string, digest: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(pathOf(cache, digest));
    return digestOf(bytes) === digest ? bytes : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function hasChanged(
  url: string,
  { found, wanted, lockFile }: { found: string; wanted: string; lockFile: string },
): UserError {
  return new UserError(`Cannot use ${url}: it is ${found}, but was ${wanted} when it was first read`, {
    hints: [`If the change is known to be right, take the line with this URL out of ${lockFile}.`],
    exitCode: exitCodes.addons,
  });
}
