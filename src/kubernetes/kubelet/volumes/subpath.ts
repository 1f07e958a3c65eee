// subPath: a part of a volume, given to a container without ever leaving the volume, even if the container (or another) puts
// links in the way meanwhile: what was checked is held open, and it is that which is mounted.

import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Mounter } from "./mounter.ts";

export interface SubPathRequest {
  /** The volume on the host. */
  readonly volumePath: string;
  /** Relative, already expanded. */
  readonly subPath: string;
  /** Where the part is mounted for the container: a folder or a file, made as needed. */
  readonly target: string;
}

/** Mounts the part at the target; makes it (as a folder like the volume's) where it is not there. Throws in upstream's words. */
export async function mountSubPath(mounter: Mounter, request: SubPathRequest): Promise<void> {
  const root = await realpath(request.volumePath);
  await makeMissing(root, request.subPath);
  const path = await resolveInside(root, request.subPath);
  const source = await openWithoutLinks(root, relative(root, path));
  try {
    await mountHandle(mounter, source, request.target);
  } finally {
    await source.close();
  }
}

/** Refuses what is no path inside a volume. Throws in upstream's words. */
export function checkSubPath(subPath: string): void {
  if (subPath.startsWith("/")) throw new Error(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (subPath.split("/").includes("..")) {
    throw new Error(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  }
}

/** The real path of a part of a volume. Throws where links lead out of it. `root` is a real path. */
export async function resolveInside(root: string, subPath: string): Promise<string> {
  const path = await realpath(join(root, subPath));
  if (path !== root && !path.startsWith(`${root}/`)) {
    throw new Error(`subpath ${JSON.stringify(path)} not within volume path ${JSON.stringify(root)}`);
  }
  return path;
}

async function makeMissing(root: string, subPath: string): Promise<void> {
  const missing: string[] = [];
  let present = subPath;
  while (present !== "." && !(await exists(join(root, present)))) {
    missing.unshift(present.slice(present.lastIndexOf("/") + 1));
    present = dirname(present);
  }
  if (missing.length === 0) return;
  const { mode } = await stat(root);
  let folder = await openWithoutLinks(root, relative(root, await resolveInside(root, present)));
  try {
    for (const name of missing) {
      const path = `${pathOf(folder)}/${name}`;
      await mkdir(path, { mode: mode & 0o7777 });
      const made = await openStep(path);
      // The umask must not take from the mode.
      const plain = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      await plain.chmod(mode & 0o7777);
      await plain.close();
      await folder.close();
      folder = made;
    }
  } finally {
    await folder.close();
  }
}

/** Linux' O_PATH: a handle that names a file without opening it. Node does not list it. */
const openPath = 0o10000000;

/** Goes down step by step, each relative to the one before and following no links. */
async function openWithoutLinks(root: string, path: string): Promise<FileHandle> {
  let handle = await openStep(root);
  for (const name of path.split("/").filter((part) => part !== "")) {
    try {
      const next = await openStep(`${pathOf(handle)}/${name}`);
      if ((await next.stat()).isSymbolicLink()) {
        await next.close();
        throw new Error(`unexpected symlink found ${JSON.stringify(name)}`);
      }
      await handle.close();
      handle = next;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  return handle;
}

function openStep(path: string): Promise<FileHandle> {
  return open(path, openPath | constants.O_NOFOLLOW);
}

/** How any process can name what the handle holds. */
function pathOf(handle: FileHandle): string {
  return `/proc/${process.pid}/fd/${handle.fd}`;
}

async function mountHandle(mounter: Mounter, source: FileHandle, target: string): Promise<void> {
  const info = await source.stat();
  if ((await mounter.mountsBelow(target)).includes(target)) {
    const mounted = await stat(target);
    if (mounted.dev === info.dev && mounted.ino === info.ino) return;
    await mounter.unmount(target);
    await rm(target, { recursive: true, force: true });
  }
  await mkdir(info.isDirectory() ? target : dirname(target), { recursive: true, mode: 0o750 });
  if (!info.isDirectory()) await writeFile(target, "", { flag: "a" });
  await mounter.mount({ source: pathOf(source), target, options: ["bind"], isExact: true });
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
