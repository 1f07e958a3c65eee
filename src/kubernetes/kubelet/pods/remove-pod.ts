// Takes ended containers and sandboxes out of the runtime, and their logs off the disk.

import { readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { isGrpcNotFound } from "#grpc";
import type { CriClient } from "../cri/cri-client.ts";
import { podUidOfLogFolder } from "../runtime/log-paths.ts";
import { listPods } from "../runtime/observe-pod.ts";
import type { ObservedPod } from "../runtime/observed.ts";

/** Everything of a pod that has ended: containers, then sandboxes. */
export async function removeFromRuntime(cri: CriClient, uid: string): Promise<void> {
  const listing = (await listPods(cri, uid)).get(uid);
  if (!listing) return;
  for (const { id } of listing.containers) await ifPresent(cri.call("RemoveContainer", { containerId: id }));
  for (const { id } of listing.sandboxes) {
    await ifPresent(cri.call("StopPodSandbox", { podSandboxId: id }));
    await ifPresent(cri.call("RemovePodSandbox", { podSandboxId: id }));
  }
}

/** Of a pod that goes on: all but the last end of each container, and sandboxes that hold nothing any more. */
export async function pruneRuntime(cri: CriClient, observed: ObservedPod): Promise<void> {
  const seen = new Set<string>();
  const kept = new Set<string>();
  for (const { id, name, state, sandboxId } of observed.containers) {
    const isEnded = state === "exited" || state === "unknown";
    if (isEnded && seen.has(name)) await ifPresent(cri.call("RemoveContainer", { containerId: id }));
    else kept.add(sandboxId);
    if (isEnded) seen.add(name);
  }
  for (const { id, ready } of observed.sandboxes.slice(1)) {
    if (!ready && !kept.has(id)) await ifPresent(cri.call("RemovePodSandbox", { podSandboxId: id }));
  }
}

/** The pod's log folder, and the links that point into it. */
export async function removeLogs(podLogsFolder: string, links: string | undefined, uid: string): Promise<void> {
  for (const name of await readdir(podLogsFolder).catch(() => [])) {
    if (podUidOfLogFolder(name) === uid) await rm(join(podLogsFolder, name), { recursive: true, force: true });
  }
  if (links === undefined) return;
  for (const name of await readdir(links).catch(() => [])) {
    const link = join(links, name);
    const target = await readlink(link).catch(() => "");
    if (target.includes(`_${uid}/`)) await rm(link, { force: true });
  }
}

async function ifPresent(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isGrpcNotFound(error)) throw error;
  }
}
