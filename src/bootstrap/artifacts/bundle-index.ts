// The index of a bundle: its first file, which says what else is in it. Pure.

import { createHash } from "node:crypto";
import { UserError } from "#shared";
import type { ArtifactKind, ArtifactOrigin } from "./artifact.ts";

export const bundleFormat = "slipway.dev/bundle/v1";
export const indexFile = "index.json";
export const sbomFile = "sbom.spdx.json";

export interface BundledArtifact extends ArtifactOrigin {
  /** In the bundle. */
  readonly file: string;
  readonly size: number;
  readonly digest: string;
}

export interface BundleIndex {
  readonly format: typeof bundleFormat;
  /** RFC 3339. */
  readonly created: string;
  /** The version of slipway that made it. */
  readonly slipway: string;
  readonly distribution: string;
  readonly kubernetesVersion: string;
  readonly platform: string;
  /** The name of the system's release that the packages are of: "bookworm". Absent where there are none. */
  readonly packageRelease?: string;
  readonly sbomDigest: string;
  readonly artifacts: readonly BundledArtifact[];
}

const folders: Readonly<Record<ArtifactKind, string>> = {
  program: "programs",
  package: "packages",
  image: "images",
  manifest: "manifests",
  chart: "charts",
};

/** Where an artifact lies in the bundle: readable, and short enough for an archive. */
export function fileInBundle({ kind, name, version, url }: ArtifactOrigin): string {
  const suffix = kind === "package" ? ".deb" : kind === "image" ? archiveSuffix(url) : "";
  const whole = kind === "package" ? `${name}_${version}` : name.replace(/^[a-z]+:\/\//, "");
  const clean = whole.replaceAll(/[^A-Za-z0-9._+-]+/g, "_");
  const short = clean.length <= 70 ? clean : `${clean.slice(0, 60)}-${hashOf(name).slice(0, 9)}`;
  return `${folders[kind]}/${short}${suffix}`;
}

/** By it k3s knows how an archive is packed. */
function archiveSuffix(url = ""): string {
  return /\.tar(\.(zst|gz))?$/.exec(url)?.[0] ?? ".tar";
}

/** Reads an index from outside. Throws UserError. `bundle` is how messages call it. */
export function parseBundleIndex(bytes: Uint8Array, bundle: string): BundleIndex {
  const refuse = (why: string) => new UserError(`Cannot use ${bundle}: ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw refuse("its index is no JSON");
  }
  const index = value as Partial<BundleIndex>;
  if (index?.format !== bundleFormat) throw refuse(`its index is not of format ${bundleFormat}`);
  if (!Array.isArray(index.artifacts) || !index.artifacts.every(isArtifact)) throw refuse("its index is damaged");
  return index as BundleIndex;
}

function isArtifact(value: unknown): value is BundledArtifact {
  const { name, kind, version, file, size, digest, images = [] } = (value ?? {}) as Partial<BundledArtifact>;
  return (
    typeof name === "string" &&
    typeof version === "string" &&
    kind !== undefined &&
    Object.hasOwn(folders, kind) &&
    typeof size === "number" &&
    Array.isArray(images) &&
    images.every((image) => typeof image === "string") &&
    /^sha256:[0-9a-f]{64}$/.test(String(digest)) &&
    // It becomes a path on this machine.
    new RegExp(`^${folders[kind]}/[A-Za-z0-9._+-]+$`).test(String(file)) &&
    !String(file).includes("/..")
  );
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${hashOf(bytes)}`;
}

function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
