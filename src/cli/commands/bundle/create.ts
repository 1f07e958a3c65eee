// slipway bundle create

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import {
  checkBundleName,
  createNetworkSource,
  fetchPackages,
  findProgram,
  type LocalArtifact,
  parseImageReference,
  pullImage,
  readImageNames,
  thisArchitecture,
  writeBundle,
} from "#bootstrap";
import type { ClusterConfig } from "#config";
import { kubernetesVersion } from "#kubernetes/api";
import { exec, exitCodes, UserError, writeFileAtomic } from "#shared";
import { ownArtifacts, ownOrigins } from "../../bundle/artifact-source.ts";
import { describeSize } from "../../bundle/describe-bundle.ts";
import { findNeeds } from "../../bundle/find-needs.ts";
import { addConfigOptions, type ConfigOptions, decideConfig } from "../../cluster-options.ts";
import type { CliContext } from "../../context.ts";
import { slipwayVersion } from "../../version.ts";

interface CreateOptions extends ConfigOptions {
  readonly image?: readonly string[];
  readonly imageArchive?: readonly string[];
}

const gather = (value: string, before: readonly string[] = []) => [...before, value];

export function define(command: Command, context: CliContext): void {
  addConfigOptions(command.option("-n, --name <name>", "the cluster's name"))
    .argument("<file>", "where the bundle goes: .tar.zst, .tar.gz or .tar; it must not be there yet")
    .option("--image <name>", "an image to fetch from its registry, too; may be repeated", gather)
    .option("--image-archive <file>", "an archive of images to put in, too; may be repeated", gather)
    .action((file: string, options: CreateOptions) => create(context, file, options));
}

async function create(context: CliContext, file: string, options: CreateOptions): Promise<void> {
  const path = resolve(context.folder, file);
  if (existsSync(path)) {
    throw new UserError(`Cannot write ${file}: it is there already`, { exitCode: exitCodes.conflict });
  }
  checkBundleName(file);
  const { config } = await decideConfig(context, options);
  const folder = await mkdtemp(join(tmpdir(), "slipway-bundle-"));
  try {
    const artifacts = await gatherArtifacts(config, { folder, context, options });
    context.err(`writing ${artifacts.length} artifacts\n`);
    const about = {
      created: new Date().toISOString(),
      slipway: slipwayVersion,
      distribution: config.distribution.type,
      kubernetesVersion: config.kubernetesVersion ?? kubernetesVersion,
      platform: `linux-${thisArchitecture()}`,
    };
    const index = await writeBundle(path, { about, artifacts, signal: context.signal });
    const size = index.artifacts.reduce((sum, artifact) => sum + artifact.size, 0);
    context.err(
      `${file} holds ${index.artifacts.length} artifacts (${describeSize(size)} unpacked). Use it where there is no network:\n`,
    );
    const flag = options.config === undefined ? `--name ${config.name}` : `--config ${basename(options.config)}`;
    context.err(`  slipway up ${flag} --bundle ${basename(file)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Gathering {
  readonly folder: string;
  readonly context: CliContext;
  readonly options: CreateOptions;
}

async function gatherArtifacts(
  config: ClusterConfig,
  { folder, context, options }: Gathering,
): Promise<LocalArtifact[]> {
  const { signal } = context;
  const needs = findNeeds(config);
  const say = (what: string) => context.err(`fetching ${what}\n`);
  const source = createNetworkSource({ folder: join(folder, "programs"), own: ownArtifacts(folder, context) });
  const artifacts: LocalArtifact[] = [];
  for (const origin of [...ownOrigins(), ...needs.programs.map(requireProgram)]) {
    say(origin.name);
    artifacts.push({ ...origin, source: await source.locate(origin.name, { signal }) });
  }
  if (needs.packages.length > 0) {
    say(`packages ${needs.packages.join(", ")}, and all they depend on`);
    artifacts.push(...(await fetchPackages(needs.packages, { folder: join(folder, "packages"), exec, signal })));
  }
  for (const { url, kind, version, digest } of needs.documents) {
    say(url);
    const file = join(folder, `document-${artifacts.length}`);
    await writeFileAtomic(file, await source.read(url, { signal, ...(digest !== undefined && { digest }) }));
    artifacts.push({ name: url, kind, version, url, source: file });
  }
  for (const image of [...needs.images, ...(options.image ?? [])]) {
    say(`image ${image}`);
    const file = join(folder, `image-${artifacts.length}.tar`);
    const platform = `linux-${thisArchitecture()}`;
    await pullImage(image, { platform, file, signal, mirrors: config.images.mirrors });
    artifacts.push({
      name: image,
      kind: "image",
      version: parseImageReference(image).reference,
      platform,
      source: file,
    });
  }
  for (const archive of options.imageArchive ?? []) artifacts.push(await imageArchive(archive, context));
  return artifacts;
}

function requireProgram(name: string) {
  const origin = findProgram(name);
  if (!origin) throw new UserError(`Cannot bundle ${name}: the catalogue of artifacts has no such program`);
  return origin;
}

async function imageArchive(archive: string, context: CliContext): Promise<LocalArtifact> {
  const source = resolve(context.folder, archive);
  if (!existsSync(source)) {
    throw new UserError(`Cannot bundle ${archive}: there is no such file`, { exitCode: exitCodes.notFound });
  }
  const [name] = await readImageNames(source);
  if (name === undefined) {
    throw new UserError(`Cannot bundle ${archive}: it holds no image with a name`, {
      hints: ["It must be an OCI layout in a tar archive, or what docker save writes."],
    });
  }
  return { name, kind: "image", version: parseImageReference(name).reference, source };
}
