// Where artifacts are taken from: the network, with what was fetched once kept in a folder; or an unpacked bundle, and nothing else.

import { randomUUID } from "node:crypto";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { abortable, describeError, exitCodes, UserError, writeFileAtomic } from "#shared";
import type { ArtifactOrigin, ArtifactSource, PackageRepository, ReadOptions } from "./artifact.ts";
import { type BundleIndex, digestOf, indexFile, parseBundleIndex } from "./bundle-index.ts";
import { findChecksum, findProgram } from "./catalogue.ts";
import { packagesFile, repositoryFiles } from "./package-repository.ts";
import { digestOfFile } from "./write-bundle.ts";

/** What this installation has of its own, by artifact name: its programs and the Node.js they run on. */
export type OwnArtifacts = (name: string) => Promise<string | undefined>;

export interface NetworkSourceOptions {
  /** Where what was fetched is kept. */
  readonly folder: string;
  readonly own: OwnArtifacts;
  readonly fetch?: typeof fetch;
}

/** From where they are published; each file is fetched once and checked against its publisher's digest. */
export function createNetworkSource({ folder, own, fetch: get = fetch }: NetworkSourceOptions): ArtifactSource {
  const fetchBytes = async (url: string, signal: AbortSignal): Promise<Response> => {
    let response: Response;
    try {
      response = await get(url, { signal });
    } catch (cause) {
      signal.throwIfAborted();
      throw cannotFetch(url, describeError((cause as Error).cause ?? cause), cause);
    }
    if (!response.ok) throw cannotFetch(url, `the server answered ${response.status}`);
    return response;
  };
  const fetchProgram = async ({ url, digest, checksumUrl }: FetchedOrigin, file: string, signal: AbortSignal) => {
    const askPublisher = async () =>
      checksumUrl && findChecksum(await (await fetchBytes(checksumUrl, signal)).text(), url);
    const wanted = digest ?? (await askPublisher());
    if (wanted === undefined) throw cannotFetch(url, "its publisher gives no digest");
    await download(await fetchBytes(url, signal), { url, file, digest: wanted, signal });
  };
  const share = createSharing();
  const locate = async (name: string, { signal }: { signal: AbortSignal }): Promise<string> => {
    const mine = await own(name);
    if (mine !== undefined) return mine;
    const origin = findProgram(name);
    if (!origin?.url) throw unknownArtifact(name);
    const file = join(folder, name);
    const { url } = origin;
    if (!existsSync(file)) await share(name, () => fetchProgram({ ...origin, url }, file, signal), signal);
    return file;
  };
  return {
    title: "the network",
    isOnline: true,
    locate,
    async read(url, { signal, digest }) {
      const bytes = Buffer.from(await (await fetchBytes(url, signal)).arrayBuffer());
      checkDigest(url, bytes, digest);
      return bytes;
    },
    packageRepository: async () => undefined,
    imageArchives: async () => [],
  };
}

type FetchedOrigin = Pick<ArtifactOrigin, "digest" | "checksumUrl"> & { readonly url: string };

/** Who asks for what is under way waits for that; if its first asker has given it up, it is begun anew. */
function createSharing() {
  const underWay = new Map<string, { readonly done: Promise<void>; readonly signal: AbortSignal }>();
  return async function share(name: string, start: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const running = underWay.get(name);
    if (!running) {
      const done = start().finally(() => underWay.delete(name));
      underWay.set(name, { done, signal });
      return done;
    }
    try {
      await abortable(running.done, signal);
    } catch (error) {
      if (signal.aborted || !running.signal.aborted) throw error;
      await share(name, start, signal);
    }
  };
}

async function download(
  response: Response,
  { url, file, digest, signal }: { url: string; file: string; digest: string; signal: AbortSignal },
): Promise<void> {
  // Another slipway may be fetching it, too.
  const partial = `${file}.${randomUUID()}.partial`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await pipeline(Readable.fromWeb(response.body!), createWriteStream(partial), { signal });
    const found = await digestOfFile(partial, signal);
    if (found !== digest) throw cannotFetch(url, `its digest is ${found}, not ${digest}`);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** An unpacked bundle (readBundle). What it lacks is not to be had, unless this installation has it itself. */
export function createBundleSource(folder: string, own: OwnArtifacts): ArtifactSource {
  const index = readUnpackedIndex(folder);
  if (!index) throw new Error(`Cannot use the bundle in ${folder}: it has no index`);
  const title = `the bundle in ${folder}`;
  const find = (name: string) => index.artifacts.find((artifact) => artifact.name === name);
  const lacks = (name: string) =>
    new UserError(`${name} is not in the bundle`, {
      hints: [
        `The bundle, in ${folder}, is for ${index.distribution} ${index.kubernetesVersion} on ${index.platform}.`,
        "Make another one with `slipway bundle create`, from this cluster's configuration.",
      ],
      exitCode: exitCodes.notFound,
    });
  return {
    title,
    isOnline: false,
    async locate(name) {
      const found = find(name);
      const file = found ? join(folder, found.file) : await own(name);
      if (file === undefined) throw lacks(name);
      return file;
    },
    async read(url, { digest }: ReadOptions) {
      const found = find(url);
      if (!found) throw lacks(url);
      const bytes = await readFile(join(folder, found.file));
      checkDigest(url, bytes, digest ?? found.digest);
      return bytes;
    },
    packageRepository: () => writeRepository(join(folder, "packages"), index),
    imageArchives: async () =>
      index.artifacts
        .filter(({ kind }) => kind === "image")
        .map(({ file, digest }) => ({ path: join(folder, file), digest })),
  };
}

async function writeRepository(folder: string, { artifacts, packageRelease }: BundleIndex): Promise<PackageRepository> {
  const files = repositoryFiles(folder, artifacts);
  for (const [file, text] of Object.entries(files)) await writeFileAtomic(join(folder, file), text);
  const packages = artifacts.filter(({ kind }) => kind === "package");
  return {
    folder,
    packages: packages.map(({ name }) => name),
    files: packages.map(({ file }) => basename(file)),
    indexDigest: digestOf(Buffer.from(files[packagesFile]!)),
    ...(packageRelease !== undefined && { release: packageRelease }),
  };
}

/** The index of a bundle that was unpacked there; undefined where none was. */
export function readUnpackedIndex(folder: string): BundleIndex | undefined {
  const file = join(folder, indexFile);
  return existsSync(file) ? parseBundleIndex(readFileSync(file), `the bundle in ${folder}`) : undefined;
}

function checkDigest(url: string, bytes: Uint8Array, digest: string | undefined): void {
  const found = digestOf(bytes);
  if (digest !== undefined && digest !== found) throw cannotFetch(url, `its digest is ${found}, not ${digest}`);
}

function cannotFetch(url: string, why: string, cause?: unknown): UserError {
  return new UserError(`Cannot fetch ${basename(new URL(url).pathname) || url}: ${why}`, {
    hints: [`It was asked for at ${url}.`, "Without a network, give a bundle: `slipway bundle create`, then --bundle."],
    exitCode: exitCodes.notFound,
    cause,
  });
}

function unknownArtifact(name: string): UserError {
  return new UserError(`Cannot fetch ${name}: the catalogue of artifacts has no such program`, {
    exitCode: exitCodes.notFound,
  });
}
