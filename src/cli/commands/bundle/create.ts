// slipway bundle create

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { checkBundleName, type LocalArtifact, writeBundle } from "#bootstrap";
import { type ClusterConfig, resolveConfig } from "#config";
import { kubernetesVersion } from "#kubernetes/api";
import { thisHost } from "#provision";
import { exitCodes, UserError } from "#shared";
import { type ClusterNeeds, findAddonImages, findClusterNeeds } from "#turnup";
import { choosePackages } from "../../bundle/choose-packages.ts";
import { describeSize } from "../../bundle/describe-bundle.ts";
import {
  documentSource,
  type Gathering,
  gatherArchives,
  gatherFiles,
  gatherImages,
  gatherPackages,
  gatherPrograms,
  sourceOf,
} from "../../bundle/gather-artifacts.ts";
import { nameCluster, planInput } from "../../cluster.ts";
import { addConfigOptions, type ConfigOptions, decideConfig } from "../../cluster-options.ts";
import type { CliContext } from "../../context.ts";
import { slipwayVersion } from "../../version.ts";

interface CreateOptions extends ConfigOptions {
  readonly image: readonly string[];
  readonly imageArchive: readonly string[];
  readonly withVersion: readonly string[];
  readonly release?: string;
  readonly mirror?: string;
}

const gather = (value: string, before: readonly string[]) => [...before, value];

export function define(command: Command, context: CliContext): void {
  addConfigOptions(command.option("-n, --name <name>", "the cluster's name"))
    .argument("<file>", "where the bundle goes: .tar.zst, .tar.gz or .tar; it must not be there yet")
    .option("--image <name>", "an image to fetch from its registry, too; may be repeated", gather, [])
    .option(
      "--image-archive <file>",
      "an archive of images to put in; those in it are not fetched; may be repeated",
      gather,
      [],
    )
    .option(
      "--with-version <version>",
      "what this version of Kubernetes needs, too, for an upgrade that passes it; may be repeated",
      gather,
      [],
    )
    .option(
      "--release <name>",
      "the machines' release of Debian, \"trixie\" (default: what is known of them, or this one's)",
    )
    .option("--mirror <url>", "where its packages are (default: where this machine's own come from)")
    .action((file: string, options: CreateOptions) => create(context, file, options));
}

async function create(context: CliContext, file: string, options: CreateOptions): Promise<void> {
  const path = resolve(context.folder, file);
  if (existsSync(path)) {
    throw new UserError(`Cannot write ${file}: it is there already`, { exitCode: exitCodes.conflict });
  }
  checkBundleName(file);
  const { config } = await decideConfig(context, options);
  const configs = [config, ...options.withVersion.map((version) => atVersion(config, version))];
  const folder = await mkdtemp(join(tmpdir(), "slipway-bundle-"));
  try {
    const gathering = { folder, context, mirrors: config.images.mirrors };
    const { artifacts, platform, release } = await gatherAll(configs, options, gathering);
    context.err(`writing ${artifacts.length} artifacts\n`);
    const about = {
      created: new Date().toISOString(),
      slipway: slipwayVersion,
      distribution: config.distribution.type,
      kubernetesVersion: config.kubernetesVersion ?? kubernetesVersion,
      platform,
      ...(release !== undefined && { packageRelease: release }),
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

function atVersion(config: ClusterConfig, version: string): ClusterConfig {
  return resolveConfig({ ...config, kubernetesVersion: version });
}

interface Gathered {
  readonly artifacts: readonly LocalArtifact[];
  readonly platform: string;
  /** Of the packages, where there are any. */
  readonly release?: string;
}

async function gatherAll(
  configs: readonly ClusterConfig[],
  options: CreateOptions,
  gathering: Gathering,
): Promise<Gathered> {
  const { context } = gathering;
  const needs = await Promise.all(configs.map((config) => findClusterNeeds(inputOf(config, context))));
  const { platform, packages } = needs[0]!;
  const { release, mirror } = options;
  // Said before anything is fetched.
  const chosen = packages.length === 0 ? {} : choosePackages(configs[0]!, { platform, release, mirror }, thisHost);
  const archives = await gatherArchives(options.imageArchive, gathering);
  const programs = await gatherPrograms({ artifacts: union(needs, ({ artifacts }) => artifacts) }, gathering);
  const debs = await gatherPackages(
    union(needs, (each) => each.packages),
    chosen.system,
    gathering,
  );
  const documents = await gatherFiles(uniqueFiles(needs), gathering);
  const rendered = await renderImages(configs, documents, gathering);
  const images = [...union(needs, (each) => each.images), ...rendered, ...options.image];
  const fetched = await gatherImages({ images, platform, archives }, gathering);
  return {
    artifacts: [...programs, ...debs, ...documents, ...archives, ...fetched],
    platform,
    ...(chosen.release !== undefined && { release: chosen.release }),
  };
}

function inputOf(config: ClusterConfig, context: CliContext) {
  return planInput(nameCluster(context, config.name), config, context);
}

function union(needs: readonly ClusterNeeds[], pick: (each: ClusterNeeds) => readonly string[]): string[] {
  return [...new Set(needs.flatMap(pick))];
}

function uniqueFiles(needs: readonly ClusterNeeds[]): ClusterNeeds["files"] {
  return [...new Map(needs.flatMap(({ files }) => files).map((file) => [file.url, file])).values()];
}

async function renderImages(
  configs: readonly ClusterConfig[],
  documents: readonly LocalArtifact[],
  { folder, context }: Gathering,
): Promise<string[]> {
  const source = documentSource(documents, sourceOf({ folder, context }));
  const images: string[] = [];
  for (const config of configs) {
    const options = { source, folder: join(folder, "addons"), signal: context.signal };
    images.push(...(await findAddonImages(inputOf(config, context), options)));
  }
  return images;
}
