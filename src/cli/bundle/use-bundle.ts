// Gives a cluster a bundle: checked, unpacked into its folder in the place of the one there was.

import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { type ArtifactSource, type BundleIndex, createBundleSource, readBundle } from "#bootstrap";
import type { ClusterConfig } from "#config";
import { type ClusterPaths, findAddonImages, findClusterNeeds } from "#turnup";
import { type NamedCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { ownArtifacts } from "./artifact-source.ts";
import { checkComplete, checkImages, checkPackagesHere } from "./check-bundle.ts";

export interface BundleUse {
  readonly file: string;
  /** What the cluster is to be; several where an upgrade passes versions. The bundle must be enough for each. */
  readonly configs: readonly ClusterConfig[];
  /** The bundle there was is put aside, for restoreBundle. Default: it goes. */
  readonly keepsEarlier?: boolean;
}

/**
 * From now on the cluster's steps take from it what they need. The cluster's lock must be held. Throws a UserError for one that is not
 * whole, or not enough; then nothing has changed.
 */
export async function useBundle(
  cluster: NamedCluster,
  { file, configs, keepsEarlier = false }: BundleUse,
  context: CliContext,
): Promise<BundleIndex> {
  const { paths } = cluster;
  const fresh = `${paths.bundle}.new`;
  try {
    const index = await readBundle(resolve(context.folder, file), { signal: context.signal, unpackTo: fresh });
    for (const config of configs) await checkBundle(fresh, index, { cluster, config, context, bundle: basename(file) });
    if (keepsEarlier && existsSync(paths.bundle) && !existsSync(paths.bundleBefore)) {
      await rename(paths.bundle, paths.bundleBefore);
    }
    await rm(paths.bundle, { recursive: true, force: true });
    await rename(fresh, paths.bundle);
    return index;
  } finally {
    await rm(fresh, { recursive: true, force: true });
    // Of a cluster that is not there yet nothing is left.
    await rmdir(paths.folder).catch(() => {});
  }
}

/** Calls the action with what the bundle holds, and leaves nothing of it unpacked. Throws a UserError where it is not enough. */
export async function withUnpacked<T>(
  cluster: NamedCluster,
  { file, config }: { readonly file: string; readonly config: ClusterConfig },
  context: CliContext,
  action: (source: ArtifactSource) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-bundle-"));
  try {
    const unpackTo = join(folder, "bundle");
    const index = await readBundle(resolve(context.folder, file), { signal: context.signal, unpackTo });
    await checkBundle(unpackTo, index, { cluster, config, context, bundle: basename(file) });
    return await action(createBundleSource(unpackTo, ownArtifacts(folder, context)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface CheckedUse {
  readonly cluster: NamedCluster;
  readonly config: ClusterConfig;
  readonly context: CliContext;
  readonly bundle: string;
}

async function checkBundle(folder: string, index: BundleIndex, { cluster, config, context, bundle }: CheckedUse) {
  const check = { cluster: cluster.name, bundle };
  const input = planInput(cluster, config, context);
  await checkComplete(index, await findClusterNeeds(input), check);
  checkPackagesHere(index, config, check);
  const kept = await mkdtemp(join(tmpdir(), "slipway-addons-"));
  try {
    const source = createBundleSource(folder, ownArtifacts(kept, context));
    checkImages(index, await findAddonImages(input, { source, folder: kept, signal: context.signal }), check);
  } finally {
    await rm(kept, { recursive: true, force: true });
  }
}

/** The bundle of before useBundle with keepsEarlier, or none where there was none. */
export async function restoreBundle({ bundle, bundleBefore }: ClusterPaths): Promise<void> {
  await rm(bundle, { recursive: true, force: true });
  if (existsSync(bundleBefore)) await rename(bundleBefore, bundle);
}

/** What was put aside is wanted no more. */
export async function forgetEarlierBundle({ bundleBefore }: ClusterPaths): Promise<void> {
  await rm(bundleBefore, { recursive: true, force: true });
}
