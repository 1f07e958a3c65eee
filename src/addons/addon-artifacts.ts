// What a cluster's add-ons need from elsewhere, for bundles: files by their URL, and images as pods name them. Of a person's own add-ons
// only the URLs in the configuration are known; their images are found once they are rendered. Pure.

import { type ClusterConfig, isUrl } from "#config";
import type { PublishedFile } from "./artifacts/pinned-reader.ts";
import { chooseAddons } from "./choose-addons.ts";
import { releaseOf } from "./resolve-addon.ts";

export interface AddonFile extends PublishedFile {
  readonly addon: string;
  readonly kind: "manifest" | "chart";
  readonly version: string;
}

export interface AddonArtifacts {
  readonly files: readonly AddonFile[];
  readonly images: readonly string[];
}

/** Throws ConfigError where the add-ons are wrong. */
export function addonArtifacts(config: ClusterConfig): AddonArtifacts {
  const files: AddonFile[] = [];
  const images = new Set<string>();
  for (const { name: addon, entry, config: listed } of chooseAddons(config)) {
    const { manifests: url, sha256 } = listed.source ?? {};
    if (url !== undefined && isUrl(url)) {
      const digest = sha256 === undefined ? undefined : `sha256:${sha256}`;
      files.push({ addon, kind: "manifest", version: "", url, digest });
    }
    const release = entry && releaseOf(entry, listed.version);
    if (!release) continue;
    const { version, manifests = [], chart } = release;
    files.push(...manifests.map((file) => ({ addon, kind: "manifest" as const, version, ...file })));
    if (chart) files.push({ addon, kind: "chart", version, ...chart });
    for (const image of release.images) images.add(image);
  }
  return { files, images: [...images].toSorted() };
}
