// What there is to say of each add-on: what the cluster has, what its configuration wants, what the catalogue offers. Pure.

import { type Addon, type InstalledAddon, releaseOf } from "#addons";
import type { AddonConfig, ClusterConfig } from "#config";

export interface ListedAddon {
  readonly name: string;
  /** installed: also those whose configuration wants another version. unlisted: in the cluster, but not in its configuration. */
  readonly state: "installed" | "half installed" | "not installed" | "unlisted" | "available";
  /** In the cluster. */
  readonly installed?: string;
  /** What the configuration wants, or the catalogue would bring. */
  readonly version?: string;
  readonly description: string;
}

export interface AddonListing {
  readonly catalogue: readonly Addon[];
  /** Absent: of no cluster, the catalogue alone. */
  readonly config?: ClusterConfig;
  /** Absent where the cluster cannot be asked. */
  readonly installed?: readonly InstalledAddon[];
}

/** Those of the cluster first, then what else the catalogue has for it. */
export function listAddons({ catalogue, config, installed }: AddonListing): ListedAddon[] {
  const listed = config ? [...networkOf(config), ...config.addons] : [];
  const names = new Set(listed.map(({ name }) => name));
  const entryOf = (name: string) => catalogue.find((entry) => entry.name === name);
  const wanted = listed.map((addon) => describe(addon, entryOf(addon.name), installed));
  const others = (installed ?? []).filter(({ name }) => !names.has(name) && !entryOf(name)?.always);
  const unlisted = others.map(({ name, version }): ListedAddon => {
    const description = entryOf(name)?.description ?? "your own";
    return { name, state: "unlisted", ...(version !== undefined && { installed: version }), description };
  });
  const known = new Set([...names, ...others.map(({ name }) => name)]);
  const available = catalogue
    .filter(({ name, always, isNetwork, refuse }) => {
      return !known.has(name) && !always && !(config && (isNetwork || refuse?.(config) !== undefined));
    })
    .map((entry): ListedAddon => {
      const version = releaseOf(entry)?.version;
      return {
        name: entry.name,
        state: "available",
        ...(version !== undefined && { version }),
        description: entry.description,
      };
    });
  return [...wanted, ...unlisted, ...available];
}

/** The pod network that is an add-on is wanted without being listed. */
function networkOf({ network, addons }: ClusterConfig): AddonConfig[] {
  const { plugin } = network;
  const isImplied = plugin !== "slipway" && plugin !== "none" && !addons.some(({ name }) => name === plugin);
  return isImplied ? [{ name: plugin }] : [];
}

function describe(
  addon: AddonConfig,
  entry: Addon | undefined,
  installed: readonly InstalledAddon[] | undefined,
): ListedAddon {
  const found = installed?.find(({ name }) => name === addon.name);
  const version = entry ? releaseOf(entry, addon.version)?.version : addon.source?.helm?.version;
  const state = !found ? "not installed" : found.content === undefined ? "half installed" : "installed";
  return {
    name: addon.name,
    state,
    ...(found?.version !== undefined && { installed: found.version }),
    ...(version !== undefined && { version }),
    description: entry?.description ?? "your own",
  };
}
