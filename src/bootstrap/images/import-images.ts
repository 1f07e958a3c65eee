// Brings images from an archive (OCI layout or Docker's) into a node's containerd.

import type { Exec } from "#shared";

export interface ImportTarget {
  readonly ctr: string;
  readonly criSocket: string;
  readonly snapshotter: "overlayfs" | "native";
  readonly exec: Exec;
  readonly signal: AbortSignal;
}

/** Imports the archive; answers the names of the images it held. Throws CommandFailedError where it is no archive of images. */
export async function importImages(archive: string, target: ImportTarget): Promise<string[]> {
  const { ctr, criSocket, snapshotter, exec, signal } = target;
  const argv = [
    ctr,
    "--address",
    criSocket,
    "--namespace",
    "k8s.io",
    "images",
    "import",
    "--snapshotter",
    snapshotter,
    archive,
  ];
  const { stdout } = await exec(argv, { signal });
  return [...stdout.matchAll(/^unpacking (\S+) \(/gm)].map(([, name]) => name!);
}
