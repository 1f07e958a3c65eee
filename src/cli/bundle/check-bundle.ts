// Whether a bundle is enough for a cluster: all that it lacks is named before anything happens.

import { readFileSync } from "node:fs";
import { type BundleIndex, findHostTools, qualifyImage } from "#bootstrap";
import { type ClusterConfig, isSimulatedCluster } from "#config";
import { exitCodes, UserError } from "#shared";
import type { ClusterNeeds } from "#turnup";
import { findOwnArtifact } from "../remote/own-programs.ts";

export interface BundleCheck {
  readonly cluster: string;
  /** How messages call it. */
  readonly bundle: string;
}

/** Throws a UserError that names all that the cluster needs and the bundle lacks. What this installation has itself is there. */
export async function checkComplete(index: BundleIndex, needs: ClusterNeeds, check: BundleCheck): Promise<void> {
  const has = new Set(index.artifacts.map(({ kind, name }) => `${kind} ${name}`));
  const archives = index.artifacts.filter(({ kind }) => kind === "image").map(({ name }) => name);
  const own = await Promise.all(needs.artifacts.map(findOwnArtifact));
  const programs = needs.artifacts.filter((_, at) => own[at] === undefined);
  const wanted = [
    ...programs.filter((name) => !archives.includes(name)).map((name) => `program ${name}`),
    ...needs.packages.map((name) => `package ${name}`),
    ...needs.files.map(({ kind, url }) => `${kind} ${url}`),
  ];
  const lacking = [...wanted.filter((name) => !has.has(name)), ...findLackingImages(index, needs.images)];
  if (lacking.length > 0) throw refuse(check, lacking, index);
  const takesPrograms = [...programs, ...needs.packages, ...needs.images].length > 0;
  if (takesPrograms && index.platform !== needs.platform) throw refusePlatform(index, needs, check);
}

function refusePlatform({ platform }: BundleIndex, needs: ClusterNeeds, { cluster, bundle }: BundleCheck): UserError {
  return new UserError(
    `Cannot use bundle ${bundle} for cluster ${cluster}: it is for ${platform}, and its machines are ${needs.platform}`,
    { hints: ["What machines elsewhere are, bootstrap.architecture says."], exitCode: exitCodes.config },
  );
}

/** The same for images that are found when add-ons are rendered. */
export function checkImages(index: BundleIndex, images: readonly string[], check: BundleCheck): void {
  const lacking = findLackingImages(index, images);
  if (lacking.length > 0) throw refuse(check, lacking, index);
}

/** An archive may hold several; each is listed by one name at least. */
function findLackingImages({ artifacts }: BundleIndex, images: readonly string[]): string[] {
  const has = new Set(
    artifacts
      .filter(({ kind, url }) => kind === "image" && url === undefined)
      .flatMap(({ name, images: others = [] }) => [name, ...others])
      .map(qualify),
  );
  return images.filter((image) => !has.has(qualify(image))).map((image) => `image ${image}`);
}

/** Archives may be named after anything. */
function qualify(name: string): string {
  try {
    return qualifyImage(name);
  } catch {
    return name;
  }
}

function refuse({ cluster, bundle }: BundleCheck, lacking: readonly string[], index: BundleIndex): UserError {
  const shown = lacking.slice(0, 30);
  const rest = lacking.length - shown.length;
  return new UserError(
    `Cannot use bundle ${bundle} for cluster ${cluster}: it lacks ${lacking.length} of what that needs`,
    {
      hints: [
        ...shown,
        ...(rest > 0 ? [`and ${rest} more`] : []),
        `It is for ${index.distribution} ${index.kubernetesVersion} on ${index.platform}.`,
        "Make one from this configuration: slipway bundle create FILE --config …",
      ],
      exitCode: exitCodes.config,
    },
  );
}

/** Throws a UserError where this machine would need packages, and those in the bundle are another release's. */
export function checkPackagesHere(index: BundleIndex, config: ClusterConfig, { bundle, cluster }: BundleCheck): void {
  if (config.infrastructure.provider !== "local" || isSimulatedCluster(config) || findHostTools().tools) return;
  const release = releaseOf(readFileSync("/etc/os-release", "utf8"));
  if (index.packageRelease === undefined || index.packageRelease === release) return;
  throw new UserError(
    `Cannot use bundle ${bundle} for cluster ${cluster}: its packages are of ${index.packageRelease}, and this machine is ${release ?? "none of Debian's"}`,
    { hints: ["Make the bundle on a machine like this one."], exitCode: exitCodes.config },
  );
}

/** "bookworm", by what a system says of itself in /etc/os-release. */
export function releaseOf(system: string): string | undefined {
  return /^VERSION_CODENAME="?([^"\n]+)/m.exec(system)?.[1];
}
