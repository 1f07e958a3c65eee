// What a cluster needs that no configuration's text holds: programs, packages, images and add-ons' files. What a bundle is gathered by,
// and must hold to be enough.

import { type AddonFile, addonArtifacts, chooseAddons, createPinnedReader, findImages, resolveAddon } from "#addons";
import { type ArtifactSource, hostPackages, thisPlatform } from "#bootstrap";
import { type ClusterConfig, isFetched, isManagedInfrastructure, isSimulatedCluster } from "#config";
import { exitCodes, UserError } from "#shared";
import type { PlanInput } from "./plan-input.ts";
import { listMachineNeeds } from "./remote/imagined-machine.ts";
import { expectedPlatform } from "./remote/user-data.ts";

export interface ClusterNeeds {
  /** Of the machines: "linux-amd64". */
  readonly platform: string;
  /** Programs and archives of images, as the catalogue names them, and programs of this installation. */
  readonly artifacts: readonly string[];
  /** Debian's names. */
  readonly packages: readonly string[];
  /** As pods name them, as far as is known before add-ons are rendered. */
  readonly images: readonly string[];
  readonly files: readonly AddonFile[];
}

/** Throws a UserError for a cluster that no bundle can hold. Asks nobody. */
export async function findClusterNeeds(input: PlanInput): Promise<ClusterNeeds> {
  const { config } = input;
  refuseUnbundled(config);
  const { files, images } = addonArtifacts(config);
  if (isSimulatedCluster(config)) return { platform: thisPlatform(), artifacts: [], packages: [], images: [], files };
  if (!input.remote) return { platform: thisPlatform(), artifacts: [], packages: hostPackages, images, files };
  const platform = expectedPlatform(config);
  const own = input.remote.distribution.images?.(config, platform);
  const { artifacts, packages } = await listMachineNeeds(input);
  return {
    platform,
    artifacts: [...artifacts, ...(own?.archives ?? [])],
    packages,
    images: [...new Set([...(own?.names ?? []), ...images])],
    files,
  };
}

/** What is fetched by whom no bundle reaches. */
function refuseUnbundled(config: ClusterConfig): void {
  const refuse = (why: string, hint: string) =>
    new UserError(`Cannot use a bundle for cluster ${config.name}: ${why}`, {
      hints: [hint],
      exitCode: exitCodes.config,
    });
  const { infrastructure } = config;
  if (isManagedInfrastructure(infrastructure)) {
    const hint = "Images that it may pull can lie in a registry of yours: images.mirrors.";
    throw refuse(`${infrastructure.provider} makes its nodes, which take nothing from it`, hint);
  }
  const fetched = config.addons.find(({ source }) => source?.helm && isFetched(source.helm));
  if (!fetched) return;
  throw refuse(
    `Helm itself fetches the chart of add-on ${fetched.name}`,
    "Fetch it once with `helm pull`, and name its file in source.helm.chart.",
  );
}

export interface AddonImagesOptions {
  /** Where add-ons' files are taken from. */
  readonly source: ArtifactSource;
  /** An empty one, for what is kept meanwhile. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The images in the add-ons as they will be applied. Throws a UserError where one cannot be rendered here. */
export async function findAddonImages(
  { config, exec }: PlanInput,
  { source, folder, signal }: AddonImagesOptions,
): Promise<string[]> {
  if (isSimulatedCluster(config)) return [];
  const reader = createPinnedReader(source, { cache: folder, lockFile: `${folder}/addons.lock.json` });
  // What they are told of the API server names no image.
  const context = { config, server: "https://127.0.0.1:6443", authority: "", reader, exec, signal };
  const images: string[] = [];
  for (const addon of chooseAddons(config)) images.push(...findImages((await resolveAddon(addon, context)).objects));
  return [...new Set(images)].toSorted();
}
