// A cluster's data as a file.

import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "#shared";
import type { ExistingCluster } from "../cluster.ts";
import { askStore } from "./store-request.ts";

/** The file appears when it is whole. It holds secrets: only its owner may read it. The API server must run. */
export async function saveSnapshot(cluster: ExistingCluster, path: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await askStore(cluster, "GET", "snapshot", async (response) => {
      if (response.kind !== "bytes")
        throw new UserError(`Cannot save cluster ${cluster.name}: its server sent no data`);
      const { body } = response;
      const source = body instanceof Uint8Array ? Readable.from([body]) : Readable.from(body, { objectMode: false });
      await pipeline(source, createWriteStream(partial, { mode: 0o600, flush: true }));
    });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

/** The same, in the cluster's folder, before something that might go wrong; answers the file. */
export async function saveSafetySnapshot(cluster: ExistingCluster, before: string): Promise<string> {
  const { snapshots } = cluster.paths;
  await mkdir(snapshots, { recursive: true, mode: 0o700 });
  const time = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
  const path = join(snapshots, `before-${before}-${time}.snapshot`);
  await saveSnapshot(cluster, path);
  return path;
}
