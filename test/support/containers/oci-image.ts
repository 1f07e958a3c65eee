// Makes the image the end-to-end tests run, without a registry: Debian's static busybox as an OCI archive with one layer.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type TarEntry, writeTar } from "./tar.ts";

export interface ImageOptions {
  /** As pods write it: "registry.test/busybox:1". */
  readonly name: string;
  /** Default: a shell. */
  readonly command?: readonly string[];
  /** Default: root. */
  readonly user?: string;
  readonly env?: readonly string[];
  readonly workingDir?: string;
}

/** The program the image is made of; undefined where busybox-static is not installed. */
export function findBusybox(): string | undefined {
  return ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
}

/** Writes an OCI archive whose layer is busybox, its applets as links, and the few files programs expect. */
export function writeBusyboxImage(path: string, options: ImageOptions): void {
  const layer = writeTar(layerEntries());
  const config = json({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: {
      Env: ["PATH=/bin:/sbin", ...(options.env ?? [])],
      Cmd: options.command ?? ["/bin/sh"],
      ...(options.user !== undefined && { User: options.user }),
      ...(options.workingDir !== undefined && { WorkingDir: options.workingDir }),
    },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    history: [],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
  });
  const index = json({
    schemaVersion: 2,
    manifests: [
      {
        ...descriptor("application/vnd.oci.image.manifest.v1+json", manifest),
        annotations: { "io.containerd.image.name": options.name, "org.opencontainers.image.ref.name": options.name },
      },
    ],
  });
  writeFileSync(
    path,
    writeTar([
      file("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
      file("index.json", index),
      ...[layer, config, manifest].map((blob) => file(`blobs/sha256/${digestOf(blob).slice(7)}`, blob)),
    ]),
  );
}

const applets =
  "sh ash cat chmod cp cut date dd df echo env false grep head hostname httpd id ip kill ln ls mkdir mount mv nc nslookup ping ps pwd readlink rm sed seq sleep sort stat sync tail tar tee test time touch tr true umount uname wc wget whoami xargs yes".split(
    " ",
  );

function layerEntries(): TarEntry[] {
  const busybox = findBusybox();
  if (!busybox) throw new Error("Cannot make the test image: busybox-static is not installed");
  const folders = ["bin", "dev", "etc", "proc", "root", "run", "sys", "tmp", "var", "www"];
  return [
    ...folders.map((path): TarEntry => ({ path: `${path}/`, type: "folder", mode: path === "tmp" ? 0o1777 : 0o755 })),
    { path: "bin/busybox", type: "file", mode: 0o755, content: readFileSync(busybox) },
    ...applets.map((name): TarEntry => ({ path: `bin/${name}`, type: "hardlink", target: "bin/busybox", mode: 0o755 })),
    file(
      "etc/passwd",
      Buffer.from(
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\nfred:x:1000:1000::/:/bin/sh\n",
      ),
    ),
    file("etc/group", Buffer.from("root:x:0:\nnogroup:x:65534:\nfred:x:1000:\n")),
    file("www/index.html", Buffer.from("hello\n")),
  ];
}

function file(path: string, content: Uint8Array): TarEntry {
  return { path, type: "file", content };
}

function descriptor(mediaType: string, blob: Uint8Array): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(blob), size: blob.length };
}

function digestOf(blob: Uint8Array): string {
  return `sha256:${createHash("sha256").update(blob).digest("hex")}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
