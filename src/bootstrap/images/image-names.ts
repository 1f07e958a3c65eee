// The names of the images in an archive: an OCI layout, or what docker save writes.

import { createReadStream } from "node:fs";
import { readTar, TarError } from "../artifacts/tar-stream.ts";

/** None where it is no archive of images, or one that is packed. */
export async function readImageNames(file: string): Promise<string[]> {
  const names = new Set<string>();
  try {
    for await (const { path, body } of readTar(createReadStream(file))) {
      if (path !== "index.json" && path !== "manifest.json") continue;
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      for (const name of namesIn(JSON.parse(Buffer.concat(chunks).toString("utf8")))) names.add(name);
    }
  } catch (error) {
    if (!(error instanceof TarError || error instanceof SyntaxError)) throw error;
  }
  return [...names];
}

interface OciIndex {
  readonly manifests?: readonly { readonly annotations?: Readonly<Record<string, string>> }[];
}

function namesIn(value: OciIndex | readonly { readonly RepoTags?: readonly string[] }[]): string[] {
  if (Array.isArray(value)) return value.flatMap(({ RepoTags }) => RepoTags ?? []);
  const { manifests = [] } = value as OciIndex;
  return manifests.flatMap(({ annotations }) => annotations?.["io.containerd.image.name"] ?? []);
}
