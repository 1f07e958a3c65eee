// Warnings about files of one volume that would overwrite each other, or one be a directory of the other.

import type { Volume, VolumeProjection } from "../../../../generated/types.ts";
import { quote } from "../../../../go-format.ts";

interface ProjectedFile {
  readonly path: string;
  /** In words; empty where the volume has only one source. */
  readonly source: string;
}

export function warnOfOverlaps(volumes: readonly Volume[], warnings: string[]): void {
  for (const { name, configMap, secret, downwardAPI, projected } of volumes) {
    const warn = (source: string, overlap: string): void => {
      warnings.push(`volume ${quote(name)} (${source}): overlapping paths: ${overlap}`);
    };
    for (const [source, items] of [
      [`ConfigMap ${quote(configMap?.name ?? "")}`, configMap?.items],
      [`Secret ${quote(secret?.secretName ?? "")}`, secret?.items],
      ["DownwardAPI", downwardAPI?.items],
    ] as const) {
      if (items) for (const overlap of overlapsOf(filesOf(items, ""))) warn(source, overlap);
    }
    if (!projected) continue;
    const sources = projected.sources ?? [];
    for (const overlap of overlapsOf(projectedFiles(name, sources, warnings))) warn("Projected", overlap);
  }
}

function projectedFiles(name: string, sources: readonly VolumeProjection[], warnings: string[]): ProjectedFile[] {
  return sources.flatMap((source) => {
    if (Object.keys(source).length > 0) return filesOfSource(source);
    warnings.push(`volume ${quote(name)} (Projected) has no sources provided`);
    return [];
  });
}

function filesOfSource(source: VolumeProjection): ProjectedFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  if (configMap?.items) return filesOf(configMap.items, `ConfigMap ${quote(configMap.name ?? "")}`);
  if (secret?.items) return filesOf(secret.items, `Secret ${quote(secret.name ?? "")}`);
  if (downwardAPI?.items) return filesOf(downwardAPI.items, "DownwardAPI");
  if (serviceAccountToken) return [{ path: serviceAccountToken.path, source: "ServiceAccountToken" }];
  if (clusterTrustBundle) {
    const name = clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? "";
    return [{ path: clusterTrustBundle.path, source: `ClusterTrustBundle ${quote(name)}` }];
  }
  return [
    { path: podCertificate?.certificateChainPath ?? "", source: "PodCertificate chain" },
    { path: podCertificate?.keyPath ?? "", source: "PodCertificate key" },
    { path: podCertificate?.credentialBundlePath ?? "", source: "PodCertificate credential bundle" },
  ].filter(({ path }) => path !== "");
}

function filesOf(items: readonly { readonly path: string }[], source: string): ProjectedFile[] {
  return items.map(({ path }) => ({ path, source }));
}

function overlapsOf(files: readonly ProjectedFile[]): string[] {
  const trimmed = files.map(({ path, source }) => ({ path: path.replace(/\/+$/, ""), source }));
  return trimmed.flatMap((file, index) =>
    trimmed
      .slice(0, index)
      .filter((other) => isOverlap(file.path, other.path))
      .map((other) => `${describe(file)} with ${describe(other)}`),
  );
}

function isOverlap(a: string, b: string): boolean {
  return a !== "" && b !== "" && (`${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`));
}

function describe({ path, source }: ProjectedFile): string {
  return source === "" ? quote(path) : `${quote(path)} (${source})`;
}
