// Gathers what a bundle holds, as files on this machine: from hosts, registries, this machine's apt, and archives a person names.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type ArtifactSource,
  createNetworkSource,
  fetchPackages,
  findProgram,
  type LocalArtifact,
  type PackageSystem,
  parseImageReference,
  pullImage,
  qualifyImage,
  readImageNames,
} from "#bootstrap";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import type { ClusterNeeds } from "#turnup";
import type { CliContext } from "../context.ts";
import { findOwnArtifact } from "../remote/own-programs.ts";
import { ownArtifacts, ownOrigins } from "./artifact-source.ts";

export interface Gathering {
  /** What is fetched lies here; empty at first. */
  readonly folder: string;
  readonly context: CliContext;
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
}

/** Programs of this installation are there in one archive; of others, what is not this installation's. */
export async function gatherPrograms(
  { artifacts: names }: Pick<ClusterNeeds, "artifacts">,
  { folder, context }: Gathering,
): Promise<LocalArtifact[]> {
  const source = sourceOf({ folder, context });
  const own = await Promise.all(names.map(findOwnArtifact));
  const wanted = names.filter((_, at) => own[at] === undefined).map(requireProgram);
  const found: LocalArtifact[] = [];
  for (const origin of [...ownOrigins(), ...wanted]) {
    say(context, origin.name);
    found.push({ ...origin, source: await source.locate(origin.name, { signal: context.signal }) });
  }
  return found;
}

/** The network, as far as this command reaches it. */
export function sourceOf({ folder, context }: Pick<Gathering, "folder" | "context">): ArtifactSource {
  const programs = join(folder, "programs");
  return createNetworkSource({ folder: programs, own: ownArtifacts(folder, context), fetch: context.fetch });
}

function requireProgram(name: string) {
  const origin = findProgram(name);
  if (!origin) throw new UserError(`Cannot bundle ${name}: the catalogue of artifacts has no such program`);
  return origin;
}

export async function gatherPackages(
  names: readonly string[],
  system: PackageSystem | undefined,
  { folder, context }: Gathering,
): Promise<LocalArtifact[]> {
  if (names.length === 0) return [];
  say(context, `packages ${names.join(", ")}, and all they depend on`);
  const { exec, signal } = context;
  return fetchPackages(names, { folder: join(folder, "packages"), exec, signal, ...(system && { system }) });
}

/** Add-ons' manifests and charts. */
export async function gatherFiles(
  files: ClusterNeeds["files"],
  { folder, context }: Gathering,
): Promise<LocalArtifact[]> {
  const source = sourceOf({ folder, context });
  const found: LocalArtifact[] = [];
  for (const { url, kind, version, digest } of files) {
    say(context, url);
    const bytes = await source.read(url, { signal: context.signal, ...(digest !== undefined && { digest }) });
    const file = join(folder, "documents", String(found.length));
    await writeFileAtomic(file, bytes);
    found.push({ name: url, kind, version, url, source: file });
  }
  return found;
}

/** Reads what was gathered, so that what is bundled and what is looked into are the same. */
export function documentSource(documents: readonly LocalArtifact[], source: ArtifactSource): ArtifactSource {
  return {
    ...source,
    async read(url, options) {
      const found = documents.find(({ name }) => name === url);
      return found ? readFile(found.source) : source.read(url, options);
    },
  };
}

/** Archives that a person names, each with all the images in it. */
export async function gatherArchives(archives: readonly string[], { context }: Gathering): Promise<LocalArtifact[]> {
  const found: LocalArtifact[] = [];
  for (const archive of archives) {
    const source = resolve(context.folder, archive);
    if (!existsSync(source)) {
      throw new UserError(`Cannot bundle ${archive}: there is no such file`, { exitCode: exitCodes.notFound });
    }
    const images = await readImageNames(source);
    const [name] = images;
    if (name === undefined) {
      throw new UserError(`Cannot bundle ${archive}: it holds no image with a name`, {
        hints: ["It must be an OCI layout in a tar archive, or what docker save writes."],
      });
    }
    found.push({ name, kind: "image", version: parseImageReference(name).reference, images, source });
  }
  return found;
}

export interface ImageWish {
  readonly images: readonly string[];
  readonly platform: string;
  /** Those that are there already are not fetched. */
  readonly archives: readonly LocalArtifact[];
}

export async function gatherImages(
  { images, platform, archives }: ImageWish,
  { folder, context, mirrors }: Gathering,
): Promise<LocalArtifact[]> {
  const there = new Set(archives.flatMap((archive) => archive.images ?? []).map(qualifyImage));
  const wanted = new Map(images.map((image) => [qualifyImage(image), image]));
  const found: LocalArtifact[] = [];
  for (const image of [...wanted].filter(([name]) => !there.has(name)).map(([, name]) => name)) {
    say(context, `image ${image}`);
    const file = join(folder, "images", `${found.length}.tar`);
    await pullImage(image, { platform, file, signal: context.signal, mirrors, fetch: context.fetch });
    found.push({
      name: image,
      kind: "image",
      version: parseImageReference(image).reference,
      platform,
      source: file,
    });
  }
  return found;
}

function say(context: CliContext, what: string): void {
  context.err(`fetching ${what}\n`);
}
