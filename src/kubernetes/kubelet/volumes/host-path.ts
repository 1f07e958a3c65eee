// hostPath: a path of the node itself, checked (and made) as its type says.

import { lstat, mkdir, open, stat } from "node:fs/promises";
import type { HostPathVolumeSource, Volume } from "#kubernetes/api";
import type { VolumePlugin } from "./volume.ts";

export const hostPathPlugin: VolumePlugin = {
  name: "kubernetes.io~host-path",
  isLive: false,
  supports: ({ source }) => (source as Volume).hostPath !== undefined,
  async setUp({ source, readOnly }) {
    const { path, type = "" } = (source as Volume).hostPath!;
    if (path.split("/").includes("..")) throw new Error(`invalid HostPath \`${path}\`: must not contain '..'`);
    await checkType(path, type);
    return { path, readOnly };
  },
};

async function checkType(path: string, type: NonNullable<HostPathVolumeSource["type"]>): Promise<void> {
  const fail = (what: string) => new Error(`hostPath type check failed: ${path} is not ${what}`);
  if (type === "") return;
  if (type === "DirectoryOrCreate" && !(await exists(path))) await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === "FileOrCreate" && !(await exists(path))) await makeFile(path);
  const info = await stat(path).catch(() => undefined);
  if (type === "Directory" || type === "DirectoryOrCreate") {
    if (!info?.isDirectory()) throw fail("a directory");
  } else if (type === "File" || type === "FileOrCreate") {
    if (!info?.isFile()) throw fail("a file");
  } else if (type === "Socket") {
    if (!info?.isSocket()) throw fail("a socket file");
  } else if (type === "CharDevice") {
    if (!info?.isCharacterDevice()) throw fail("a character device");
  } else if (type === "BlockDevice") {
    if (!info?.isBlockDevice()) throw fail("a block device");
  } else {
    throw new Error(`${type} is an invalid volume type`);
  }
}

async function makeFile(path: string): Promise<void> {
  const file = await open(path, "a", 0o644);
  await file.close();
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
