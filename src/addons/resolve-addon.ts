// From a chosen add-on to the objects it is made of: those of the catalogue are built here, with what upstream has published at the
// version; a person's own are read from their manifests, or rendered by Kustomize or Helm. Reads files and runs programs; the cluster
// is not asked.

import type { AddonConfig, HelmSource } from "#config";
import { kubernetesVersion, type UnknownObject } from "#kubernetes/api";
import type { Exec } from "#shared";
import type { Addon, AddonInput, Release } from "./addon.ts";
import type { AddonObjects } from "./apply/addon-objects.ts";
import type { PinnedReader } from "./artifacts/pinned-reader.ts";
import type { ChosenAddon } from "./choose-addons.ts";
import { readManifests } from "./sources/read-manifests.ts";
import { renderChartFile, renderHelm } from "./sources/render-helm.ts";
import { renderKustomize } from "./sources/render-kustomize.ts";

export interface ResolveContext extends AddonInput {
  readonly reader: PinnedReader;
  readonly exec: Exec;
  readonly signal: AbortSignal;
}

/** Throws UserError where something of it cannot be read or rendered. */
export async function resolveAddon({ config, entry }: ChosenAddon, context: ResolveContext): Promise<AddonObjects> {
  const { name, conflicts = entry?.always ? "overwrite" : "refuse" } = config;
  if (!entry) {
    const objects = await readSource(config, context);
    const version = config.source?.helm?.version;
    const { namespace } = config;
    return {
      name,
      objects,
      conflicts,
      ...(version !== undefined && { version }),
      ...(namespace !== undefined && { namespace }),
    };
  }
  const release = releaseOf(entry, config.version);
  const namespace = config.namespace ?? entry.namespace;
  const objects = await buildEntry(entry, { config, release, context });
  return {
    name,
    objects,
    conflicts,
    ...(release && { version: release.version }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** The release the configuration asks for; undefined where the add-on has none. */
export function releaseOf({ releases }: Addon, version?: string): Release | undefined {
  return version === undefined ? releases?.[0] : releases?.find((release) => release.version === version);
}

interface Building {
  readonly config: AddonConfig;
  readonly release: Release | undefined;
  readonly context: ResolveContext;
}

async function buildEntry(entry: Addon, building: Building): Promise<readonly UnknownObject[]> {
  const { config, release, context } = building;
  const values = entry.values?.parse(config.values ?? {});
  const published = release ? await readRelease(entry, { ...building, release, values }) : [];
  return entry.build?.(context, { release, values, published }) ?? published;
}

async function readRelease(
  entry: Addon,
  { config, release, context, values }: Building & { readonly release: Release; readonly values: unknown },
): Promise<readonly UnknownObject[]> {
  const { reader, signal } = context;
  const { manifests = [], chart } = release;
  const found = await Promise.all(
    manifests.map(({ url, digest }) => readManifests({ manifests: url, digest }, reader, signal)),
  );
  if (!chart) return found.flat();
  const archive = await reader.read(chart, signal);
  const chartValues = entry.chartValues?.(context, values) ?? {};
  const namespace = config.namespace ?? entry.namespace;
  return renderChartFile(
    archive,
    { chart: chart.url, values: chartValues },
    helmOptions({ ...config, namespace }, context),
  );
}

async function readSource(config: AddonConfig, context: ResolveContext): Promise<UnknownObject[]> {
  const { manifests, sha256, kustomize, helm } = config.source ?? {};
  const { exec, reader, signal } = context;
  if (kustomize !== undefined) return renderKustomize(kustomize, exec, signal);
  if (helm) return renderHelm(helm as HelmSource, helmOptions(config, context));
  const digest = sha256 === undefined ? undefined : `sha256:${sha256}`;
  return readManifests({ manifests: manifests!, digest }, reader, signal);
}

function helmOptions(
  { name, namespace = "default" }: Pick<AddonConfig, "name" | "namespace">,
  context: ResolveContext,
) {
  const { exec, signal, config } = context;
  const version = config.kubernetesVersion ?? kubernetesVersion;
  return { addon: name, namespace, kubernetesVersion: version.replace(/^v/, ""), exec, signal };
}
