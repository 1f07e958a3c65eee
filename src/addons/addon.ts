// An add-on of the catalogue: what is installed into a cluster, as objects. Each is a pure function from the configuration, and where it
// is others' work, from the file they publish, which is read at a pinned version and never copied into this package.

import type { z } from "zod";
import type { ClusterConfig } from "#config";
import type { UnknownObject } from "#kubernetes/api";

export interface AddonInput {
  readonly config: ClusterConfig;
  /** The API server as people reach it. */
  readonly server: string;
  /** PEM of the cluster's authority. */
  readonly authority: string;
}

/** What a person chose at the add-on, with every default. */
export interface AddonChoice<Values = unknown> {
  /** One of the releases; undefined where there are none. */
  readonly release: Release | undefined;
  readonly values: Values;
  /** What the release's manifests hold, or what Helm made of its chart; nothing where it has neither. */
  readonly published: readonly UnknownObject[];
}

export interface Release {
  readonly version: string;
  /** Files of objects that upstream publishes. "sha256:…" where the file is known to stay as it is. */
  readonly manifests?: readonly PublishedManifest[];
  /** A chart that upstream publishes, where there are no manifests. */
  readonly chart?: PublishedChart;
  /** What nodes will pull, as pods name it: with a digest where one is known. For bundles. */
  readonly images: readonly string[];
}

export interface PublishedManifest {
  readonly url: string;
  readonly digest?: string;
}

export interface PublishedChart {
  /** Of the archive (.tgz). */
  readonly url: string;
  readonly digest?: string;
}

export interface Addon<Values = unknown> {
  /** As in the configuration's list. */
  readonly name: string;
  /** For people: what one gets. */
  readonly description: string;
  /** Installed in these clusters whether it is listed or not, and never to be listed. */
  always?(config: ClusterConfig): boolean;
  /** A pod network: chosen by network.plugin. */
  readonly isNetwork?: boolean;
  /** Those it can be installed at, the default first. None: it is as old as this slipway. */
  readonly releases?: readonly Release[];
  /** Where those objects go that name no namespace. */
  readonly namespace?: string;
  /** What may be set, with defaults. Absent: nothing. */
  readonly values?: z.ZodType<Values>;
  /** Why a cluster cannot have it; undefined where it can. */
  refuse?(config: ClusterConfig): string | undefined;
  /** The values for the release's chart. */
  chartValues?(input: AddonInput, values: Values): Readonly<Record<string, unknown>>;
  /** Its objects, each with apiVersion, kind and name; the same for the same input. Default: what is published. */
  build?(input: AddonInput, choice: AddonChoice<Values>): readonly UnknownObject[];
}

/** Keeps the type of the values to the add-on's own file. */
export function defineAddon<Values>(addon: Addon<Values>): Addon {
  return addon as unknown as Addon;
}
