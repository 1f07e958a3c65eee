// What containerd leaves outside of its own folders, whatever it is told, when its pods are killed instead of deleted: the sockets of
// its shims, and what libcni remembers of pods' networks.

import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

const shimSockets = "/run/containerd/s";
const cniResults = "/var/lib/cni/results";

export interface RuntimeTraces {
  /** containerd's state folder. */
  readonly state: string;
  /** The name of the node's pod network in its CNI configuration. */
  readonly cniNetwork: string;
}

/** Removes both. For when the pods are to be killed, before the state folder goes. */
export async function removeRuntimeTraces({ state, cniNetwork }: RuntimeTraces): Promise<void> {
  await Promise.all([removeShimSockets(state), removeResults(cniNetwork, state)]);
  // Shared with other users of containerd and CNI: only removed where nobody needs them.
  for (const folder of [shimSockets, join(shimSockets, ".."), cniResults, join(cniResults, "..")]) {
    await rmdir(folder).catch(() => {});
  }
}

/** Each container's folder names its shim's socket. */
async function removeShimSockets(state: string): Promise<void> {
  const tasks = join(state, "io.containerd.runtime.v2.task", "k8s.io");
  const containers = await readdir(tasks).catch(() => []);
  await Promise.all(
    containers.map(async (container) => {
      const address = await readFile(join(tasks, container, "address"), "utf8").catch(() => "");
      const path = address.trim().replace(/^unix:\/\//, "");
      if (path.startsWith(`${shimSockets}/`)) await rm(path, { force: true });
    }),
  );
}

/** libcni's files are named "<network>-<sandbox>-<interface>"; the loopback's network has one name on all nodes. */
async function removeResults(cniNetwork: string, state: string): Promise<void> {
  const sandboxes = await readdir(join(state, "io.containerd.grpc.v1.cri", "sandboxes")).catch(() => []);
  const isOurs = (name: string) => name.startsWith(`${cniNetwork}-`) || sandboxes.some((id) => name.includes(id));
  const files = (await readdir(cniResults).catch(() => [])).filter(isOurs);
  await Promise.all(files.map((name) => rm(join(cniResults, name), { force: true })));
}
