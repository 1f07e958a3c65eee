// Gives a cluster a bundle: checked, unpacked into its folder.

import { basename, resolve } from "node:path";
import { type BundleIndex, readBundle, readUnpackedIndex } from "#bootstrap";
import type { ClusterConfig } from "#config";
import type { NamedCluster } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { checkComplete } from "./find-needs.ts";

/** From now on the cluster's steps take from it what they need. The cluster's lock must be held. Throws UserError for one that is not whole. */
export async function useBundle(
  cluster: NamedCluster,
  config: ClusterConfig,
  file: string,
  context: CliContext,
): Promise<BundleIndex> {
  const path = resolve(context.folder, file);
  const { bundle } = cluster.paths;
  const { signal } = context;
  // Checked twice, so that a bundle that is not enough does not take the place of one that is.
  const index = await readBundle(path, { signal });
  checkComplete(index, config, basename(file));
  if (JSON.stringify(readUnpackedIndex(bundle)) === JSON.stringify(index)) return index;
  return readBundle(path, { signal, unpackTo: bundle });
}
