// A cluster's data as a file.

import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isManagedInfrastructure } from "#config";
import { exitCodes, UserError } from "#shared";
import { saveMachineData } from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { askStore } from "./store-request.ts";

export interface SaveOptions {
  readonly context: CliContext;
  readonly signal?: AbortSignal;
  report?(detail: string): void;
}

/**
 * The file appears when it is whole. It holds secrets: only its owner may read it. The control plane must run. Throws a UserError where the
 * data is in an etcd that is nobody's here.
 */
export async function saveSnapshot(cluster: ExistingCluster, path: string, options: SaveOptions): Promise<void> {
  const { context, signal = context.signal, report = () => {} } = options;
  if (asksServer(cluster)) return download(cluster, path);
  if (hasData(cluster, context)) {
    return saveMachineData(planInput(cluster, cluster.config, context), path, { signal, report });
  }
  throw new UserError(`Cannot save cluster ${cluster.name}: its data is in an etcd that slipway does not look after`, {
    hints: ["Save it there: etcdctl snapshot save FILE."],
    exitCode: exitCodes.config,
  });
}

/** Whether its data can be saved from here. */
export function hasData(cluster: ExistingCluster, context: CliContext): boolean {
  if (asksServer(cluster)) return true;
  const { remote } = planInput(cluster, cluster.config, context);
  return (remote?.distribution.describeSnapshot?.(cluster.config, "file") ?? []).length > 0;
}

/** Our own API server hands its data out. */
function asksServer({ config }: ExistingCluster): boolean {
  return config.distribution.type === "slipway" && !isManagedInfrastructure(config.infrastructure);
}

async function download(cluster: ExistingCluster, path: string): Promise<void> {
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
export async function saveSafetySnapshot(
  cluster: ExistingCluster,
  before: string,
  options: SaveOptions,
): Promise<string> {
  const { snapshots } = cluster.paths;
  await mkdir(snapshots, { recursive: true, mode: 0o700 });
  const time = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
  const path = join(snapshots, `before-${before}-${time}.snapshot`);
  await saveSnapshot(cluster, path, options);
  return path;
}
