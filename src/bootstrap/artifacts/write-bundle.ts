// Writes a bundle: index, bill of materials, artifacts, as one tar archive, compressed as the file's name says.

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, createZstdCompress } from "node:zlib";
import { UserError } from "#shared";
import type { ArtifactOrigin } from "./artifact.ts";
import {
  type BundledArtifact,
  type BundleIndex,
  bundleFormat,
  digestOf,
  fileInBundle,
  indexFile,
  sbomFile,
} from "./bundle-index.ts";
import { renderSbom } from "./sbom.ts";
import { writeTar } from "./tar-stream.ts";

/** An artifact that is here, as a file. */
export interface LocalArtifact extends ArtifactOrigin {
  readonly source: string;
}

export interface WriteBundleOptions {
  readonly about: Pick<
    BundleIndex,
    "created" | "slipway" | "distribution" | "kubernetesVersion" | "platform" | "packageRelease"
  >;
  readonly artifacts: readonly LocalArtifact[];
  readonly signal: AbortSignal;
}

/** The file appears when it is whole. ".tar.zst" and ".tar.gz" are compressed; ".tar" is not. Throws UserError for other names. */
export async function writeBundle(
  file: string,
  { about, artifacts, signal }: WriteBundleOptions,
): Promise<BundleIndex> {
  const compress = compressorFor(file);
  const sorted = artifacts.toSorted((a, b) => (fileInBundle(a) < fileInBundle(b) ? -1 : 1));
  const bundled: BundledArtifact[] = [];
  for (const artifact of sorted) bundled.push(await measure(artifact, signal));
  const sbom = toJson(renderSbom({ ...about, artifacts: bundled }));
  const index: BundleIndex = { format: bundleFormat, ...about, sbomDigest: digestOf(sbom), artifacts: bundled };
  const indexBytes = toJson(index);
  const entries = [
    { path: indexFile, size: indexBytes.length, content: indexBytes },
    { path: sbomFile, size: sbom.length, content: sbom },
    ...bundled.map((artifact, at) => ({ path: artifact.file, size: artifact.size, content: sorted[at]!.source })),
  ];
  const partial = `${file}.partial`;
  try {
    await pipeline(Readable.from(writeTar(entries)), compress(), createWriteStream(partial, { flush: true }), {
      signal,
    });
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return index;
}

/** Throws UserError for a name that says no known way to pack. */
export function checkBundleName(file: string): void {
  compressorFor(file);
}

function compressorFor(file: string): () => NodeJS.ReadWriteStream {
  if (/\.(tar\.zst|tzst)$/.test(file)) return createZstdCompress;
  if (/\.(tar\.gz|tgz)$/.test(file)) return createGzip;
  if (file.endsWith(".tar")) return () => new PassThrough();
  throw new UserError(`Cannot write the bundle ${file}: its name must end with .tar.zst, .tar.gz or .tar`);
}

/** Throws UserError where the file is not what its publisher says. */
async function measure({ source, ...origin }: LocalArtifact, signal: AbortSignal): Promise<BundledArtifact> {
  const digest = await digestOfFile(source, signal);
  if (origin.digest !== undefined && origin.digest !== digest) {
    throw new UserError(`Cannot bundle ${origin.name}: its digest is ${digest}, not ${origin.digest}`);
  }
  return { ...origin, file: fileInBundle(origin), size: (await stat(source)).size, digest };
}

export async function digestOfFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash, { signal });
  return `sha256:${hash.digest("hex")}`;
}

function toJson(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
