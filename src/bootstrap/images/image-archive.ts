// Makes an image of a few files: an OCI archive that containerd imports. No registry is asked for it.

import { createHash } from "node:crypto";
import type { Architecture } from "./pause-program.ts";
import { createTar, type TarEntry } from "./tar.ts";

export interface ImageSpec {
  /** As pods name it. The host in it is never looked up: the image is always there. */
  readonly name: string;
  readonly architecture: Architecture;
  readonly files: readonly TarEntry[];
  readonly entrypoint?: readonly string[];
  readonly user?: string;
}

/** The architecture of this machine. Throws where no image can be made for it. */
export function thisArchitecture(): Architecture {
  if (process.arch === "x64") return "amd64";
  if (process.arch === "arm64") return "arm64";
  throw new Error(`Cannot make an image for ${process.arch}: only for x64 and arm64`);
}

/** The archive, in the OCI image layout; the same bytes for the same spec. */
export function createImageArchive({ name, architecture, files, entrypoint, user }: ImageSpec): Buffer {
  const layer = createTar(files);
  const config = toJson({
    architecture,
    os: "linux",
    config: { ...(entrypoint && { Entrypoint: entrypoint }), ...(user && { User: user }), Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "slipway" }],
  });
  const manifest = toJson({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: describe("application/vnd.oci.image.config.v1+json", config),
    layers: [describe("application/vnd.oci.image.layer.v1.tar", layer)],
  });
  const index = toJson({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      {
        ...describe("application/vnd.oci.image.manifest.v1+json", manifest),
        platform: { architecture, os: "linux" },
        annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name },
      },
    ],
  });
  return createTar([
    { path: "oci-layout", content: toJson({ imageLayoutVersion: "1.0.0" }), mode: 0o644 },
    { path: "index.json", content: index, mode: 0o644 },
    ...[layer, config, manifest].map((content) => ({ path: `blobs/sha256/${hashOf(content)}`, content, mode: 0o644 })),
  ]);
}

function describe(mediaType: string, content: Uint8Array): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(content), size: content.length };
}

function digestOf(content: Uint8Array): string {
  return `sha256:${hashOf(content)}`;
}

function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function toJson(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
