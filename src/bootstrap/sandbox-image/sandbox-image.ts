// The image of the sandbox container, made here: an OCI archive that containerd imports. No registry is asked for it.

import { createHash } from "node:crypto";
import { type Architecture, assemblePauseProgram } from "./pause-program.ts";
import { createTar } from "./tar.ts";

/** What containerd is told to use for sandboxes. The host is never looked up: the image is always there. */
export const sandboxImageName = "slipway.dev/pause:1";

/** The architecture of this machine. Throws where there is no program for it. */
export function thisArchitecture(): Architecture {
  if (process.arch === "x64") return "amd64";
  if (process.arch === "arm64") return "arm64";
  throw new Error(`Cannot make the sandbox image: there is none for ${process.arch}`);
}

/** The archive, in the OCI image layout; the same bytes each time. */
export function createSandboxImage(architecture: Architecture): Buffer {
  const layer = createTar([{ path: "pause", content: assemblePauseProgram(architecture), mode: 0o755 }]);
  const config = toJson({
    architecture,
    os: "linux",
    config: { Entrypoint: ["/pause"], User: "65535:65535" },
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
        annotations: {
          "io.containerd.image.name": sandboxImageName,
          "org.opencontainers.image.ref.name": sandboxImageName,
        },
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
