// Mounts of this machine, as /proc/self/mountinfo lists them.

import type { Host } from "./host.ts";

/** Every mount point, in the order they were mounted. */
export function listMounts(host: Host): string[] {
  const lines = (host.read("/proc/self/mountinfo") ?? "").split("\n");
  return lines.filter((line) => line !== "").map((line) => unescapePath(line.split(" ")[4] ?? ""));
}

/** Unmounts everything at or below the folder, last mounts first; what is busy is detached. */
export async function unmountBelow(host: Host, folder: string): Promise<void> {
  // Chunks, because a node full of pods has more mounts than an argument list takes.
  const mounts = findMountsBelow(host, folder).toReversed();
  for (let start = 0; start < mounts.length; start += 200) {
    await host.exec(["umount", "--lazy", "--", ...mounts.slice(start, start + 200)], { okCodes: [0, 1, 32, 64] });
  }
}

export function findMountsBelow(host: Host, folder: string): string[] {
  return listMounts(host).filter((path) => path === folder || path.startsWith(`${folder}/`));
}

export function isNetnsMounted(host: Host, path: string): boolean {
  return listMounts(host).includes(path);
}

/** The kernel writes blanks, tabs, line ends and backslashes as three octal digits. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
