// Reads a bundle: checks every byte of it against its index, and unpacks it where wanted. What is missing, damaged or too much is
// named, all at once.

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { describeError, exitCodes, UserError, writeFileAtomic } from "#shared";
import { type BundleIndex, indexFile, parseBundleIndex, sbomFile } from "./bundle-index.ts";
import { readTar, TarError, type TarMember } from "./tar-stream.ts";

export interface ReadBundleOptions {
  readonly signal: AbortSignal;
  /** Where its files go, a folder that appears when all of them are there. Absent: it is only checked. */
  readonly unpackTo?: string;
}

/** The index of a bundle that is whole. Throws UserError. */
export async function readBundle(file: string, { signal, unpackTo }: ReadBundleOptions): Promise<BundleIndex> {
  const fresh = unpackTo === undefined ? undefined : `${unpackTo}.partial`;
  try {
    if (fresh !== undefined) await rm(fresh, { recursive: true, force: true });
    const index = await checkMembers(file, fresh, signal);
    if (fresh !== undefined && unpackTo !== undefined) {
      await rm(unpackTo, { recursive: true, force: true });
      await rename(fresh, unpackTo);
    }
    return index;
  } finally {
    if (fresh !== undefined) await rm(fresh, { recursive: true, force: true });
  }
}

async function checkMembers(file: string, folder: string | undefined, signal: AbortSignal): Promise<BundleIndex> {
  const members = readTar(await openArchive(file, signal));
  const title = `bundle ${basename(file)}`;
  const problems: string[] = [];
  const found = new Set<string>();
  let index: BundleIndex | undefined;
  try {
    for await (const member of members) {
      signal.throwIfAborted();
      if (!index) {
        index = await readIndex(member, title, folder);
        continue;
      }
      const wanted = digestIn(index, member.path);
      found.add(member.path);
      const target = folder === undefined || wanted === undefined ? undefined : join(folder, member.path);
      const digest = await drain(member, target);
      if (wanted === undefined) problems.push(`${member.path} is not in its index`);
      else if (wanted !== digest) problems.push(`${member.path} is damaged: its digest is ${digest}, not ${wanted}`);
    }
  } catch (error) {
    if (error instanceof UserError || signal.aborted) throw error;
    problems.push(error instanceof TarError ? error.message : `it is damaged (${describeError(error)})`);
  }
  if (!index) throw refuse(title, problems.length > 0 ? problems : ["it is empty"]);
  const { artifacts } = index;
  const wanted = [sbomFile, ...artifacts.map((artifact) => artifact.file)];
  problems.push(...wanted.filter((path) => !found.has(path)).map((path) => `${path} is missing`));
  if (problems.length > 0) throw refuse(title, problems);
  return index;
}

function digestIn(index: BundleIndex, path: string): string | undefined {
  return path === sbomFile ? index.sbomDigest : index.artifacts.find((artifact) => artifact.file === path)?.digest;
}

async function readIndex(member: TarMember, title: string, folder: string | undefined): Promise<BundleIndex> {
  if (member.path !== indexFile) throw refuse(title, [`it begins with ${member.path}, not with ${indexFile}`]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of member.body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (folder !== undefined) await writeFileAtomic(join(folder, indexFile), bytes);
  return parseBundleIndex(bytes, title);
}

/** Reads a member to its end, into a file where one is given; answers its digest. */
async function drain({ body }: TarMember, target: string | undefined): Promise<string> {
  const hash = createHash("sha256");
  const hashed = async function* () {
    for await (const chunk of body) {
      hash.update(chunk);
      yield chunk;
    }
  };
  if (target === undefined) for await (const _ of hashed());
  else {
    await mkdir(dirname(target), { recursive: true });
    await pipeline(Readable.from(hashed()), createWriteStream(target));
  }
  return `sha256:${hash.digest("hex")}`;
}

/** The archive's bytes, decompressed as its first bytes say. */
async function openArchive(file: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const magic = Buffer.alloc(4);
  try {
    const handle = await open(file);
    await handle.read(magic, 0, 4, 0).finally(() => handle.close());
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : describeError(cause);
    throw new UserError(`Cannot read ${file}: ${why}`, { exitCode: exitCodes.notFound, cause });
  }
  const source = createReadStream(file);
  const decompressor =
    magic.readUInt32LE(0) === 0xfd2fb528
      ? createZstdDecompress()
      : magic.readUInt16BE(0) === 0x1f8b
        ? createGunzip()
        : undefined;
  if (!decompressor) return source;
  // Its own errors come out of the decompressor, which the reader listens to.
  pipeline(source, decompressor, { signal }).catch(() => {});
  return decompressor;
}

function refuse(title: string, problems: readonly string[]): UserError {
  const [first, ...others] = problems;
  const more = others.length === 0 ? "" : ` (and ${others.length} more problems)`;
  return new UserError(`Cannot use ${title}: ${first}${more}`, {
    hints: others.length === 0 ? [] : others.slice(0, 20),
    exitCode: exitCodes.config,
  });
}
