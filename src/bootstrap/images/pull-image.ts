// Fetches an image from its registry, or a mirror of it, into an OCI archive. Only for one platform, and only without credentials.
// https://github.com/opencontainers/distribution-spec

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describeError, exitCodes, UserError } from "#shared";
import { type StreamedFile, writeTar } from "../artifacts/tar-stream.ts";
import { type ImageMirrors, parseImageReference, qualifyImage, repositoryUrls } from "./image-reference.ts";

export interface PullOptions {
  /** "linux-amd64". */
  readonly platform: string;
  /** The archive: it appears when it is whole. */
  readonly file: string;
  readonly signal: AbortSignal;
  readonly mirrors?: ImageMirrors;
  readonly fetch?: typeof fetch;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

interface Manifest {
  readonly mediaType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  /** Of an index. */
  readonly manifests?: readonly Descriptor[];
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Asks mirrors first, then the registry. Throws a UserError with what the last of them answered. */
export async function pullImage(image: string, options: PullOptions): Promise<void> {
  const reference = parseImageReference(image);
  const urls = repositoryUrls(reference, options.mirrors);
  const folder = await makeFolder(options.file);
  let failure: unknown;
  try {
    for (const url of urls) {
      try {
        return await pullFrom(url, { ...options, image, reference: reference.reference, folder });
      } catch (error) {
        options.signal.throwIfAborted();
        failure = error;
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  throw new UserError(`Cannot fetch image ${image}: ${describeError((failure as Error).cause ?? failure)}`, {
    hints: [
      "Name a registry that has it in images.mirrors,",
      "or give an archive of it: `docker save`, or `ctr images export`.",
    ],
    exitCode: exitCodes.notFound,
    cause: failure,
  });
}

async function makeFolder(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  return mkdtemp(`${file}.blobs-`);
}

interface Pull extends PullOptions {
  readonly image: string;
  readonly reference: string;
  readonly folder: string;
}

async function pullFrom(url: string, pull: Pull): Promise<void> {
  const { image, platform, folder, file, signal } = pull;
  const get = createGetter(pull);
  const top = await readManifest(get, `${url}/manifests/${pull.reference}`, digestIn(pull.reference));
  const chosen = top.value.manifests?.find((entry) => platformOf(entry) === platform);
  if (top.value.manifests && !chosen) throw new Error(`it is not there for ${platform}`);
  const manifest = chosen ? await readManifest(get, `${url}/manifests/${chosen.digest}`, chosen.digest) : top;
  const { config, layers } = manifest.value;
  if (!config || !layers) throw new Error("its manifest is none");
  const blobs: StreamedFile[] = [];
  for (const descriptor of new Map([config, ...layers].map((blob) => [blob.digest, blob])).values()) {
    const path = join(folder, hexOf(descriptor.digest));
    await download(await get(`${url}/blobs/${descriptor.digest}`), descriptor, path, signal);
    blobs.push({ path: `blobs/sha256/${hexOf(descriptor.digest)}`, size: descriptor.size, content: path });
  }
  const name = qualifyImage(image);
  const digest = `sha256:${createHash("sha256").update(manifest.bytes).digest("hex")}`;
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      {
        mediaType: manifest.value.mediaType ?? "application/vnd.oci.image.manifest.v1+json",
        digest,
        size: manifest.bytes.length,
        annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name },
      },
    ],
  };
  const files = [
    inMemory("oci-layout", Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" }))),
    inMemory("index.json", Buffer.from(JSON.stringify(index))),
    inMemory(`blobs/sha256/${hexOf(digest)}`, manifest.bytes),
    ...blobs,
  ];
  const whole = join(folder, "archive");
  await pipeline(Readable.from(writeTar(files)), createWriteStream(whole), { signal });
  await rename(whole, file);
}

function inMemory(path: string, content: Uint8Array): StreamedFile {
  return { path, size: content.length, content };
}

function platformOf({ platform }: Descriptor): string {
  return platform ? `${platform.os}-${platform.architecture}` : "";
}

type Get = (url: string) => Promise<Response>;

/** GETs with a token, which registries give to anybody who asks where they say. */
function createGetter({ fetch: request = fetch, signal }: PullOptions): Get {
  let token: string | undefined;
  const ask = (url: string) =>
    request(url, { signal, headers: { accept: manifestTypes, ...(token && { authorization: `Bearer ${token}` }) } });
  return async (url) => {
    let response = await ask(url);
    if (response.status === 401 && token === undefined) {
      token = await askForToken(response.headers.get("www-authenticate") ?? "", request, signal);
      response = await ask(url);
    }
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
    return response;
  };
}

async function askForToken(challenge: string, request: typeof fetch, signal: AbortSignal): Promise<string> {
  const fields = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  if (!challenge.toLowerCase().startsWith("bearer ") || fields["realm"] === undefined) {
    throw new Error("the registry wants credentials");
  }
  const url = new URL(fields["realm"]);
  for (const name of ["service", "scope"]) if (fields[name]) url.searchParams.set(name, fields[name]);
  const response = await request(url, { signal });
  const answer = response.ok ? ((await response.json()) as { token?: string; access_token?: string }) : {};
  const token = answer.token ?? answer.access_token;
  if (token === undefined) throw new Error("the registry wants credentials");
  return token;
}

async function readManifest(get: Get, url: string, digest?: string): Promise<{ value: Manifest; bytes: Buffer }> {
  const bytes = Buffer.from(await (await get(url)).arrayBuffer());
  if (digest !== undefined) check(createHash("sha256").update(bytes).digest("hex"), digest);
  return { value: JSON.parse(bytes.toString("utf8")) as Manifest, bytes };
}

async function download(response: Response, { digest }: Descriptor, path: string, signal: AbortSignal): Promise<void> {
  const hash = createHash("sha256");
  const source = Readable.fromWeb(response.body!);
  source.on("data", (chunk: Buffer) => hash.update(chunk));
  await pipeline(source, createWriteStream(path), { signal });
  check(hash.digest("hex"), digest);
}

function check(found: string, digest: string): void {
  if (`sha256:${found}` !== digest) throw new Error(`its digest is sha256:${found}, not ${digest}`);
}

function digestIn(reference: string): string | undefined {
  return reference.startsWith("sha256:") ? reference : undefined;
}

/** It becomes a file's name. */
function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new Error(`"${digest}" is no digest`);
  return hex;
}
