// Mounts and unmounts, and says what is mounted: the kernel's side of volumes, behind an interface that tests can stand in for.

import { readFile } from "node:fs/promises";
import { type Exec, exec } from "#shared";

export interface MountRequest {
  readonly source: string;
  readonly target: string;
  /** "tmpfs", "hugetlbfs", …; absent with the option "bind". */
  readonly type?: string;
  readonly options?: readonly string[];
  /** The source is taken as it is, not as what it links to: for paths through /proc. */
  readonly isExact?: boolean;
}

export interface Mounter {
  mount(request: MountRequest): Promise<void>;
  /** Fine where nothing is mounted. */
  unmount(target: string): Promise<void>;
  /** Mount points at or below a folder, outermost first; the same path more than once where mounts lie on each other. */
  mountsBelow(folder: string): Promise<readonly string[]>;
}

/** The machine's. `mount` is not told to follow links: targets are resolved before. */
export function createSystemMounter(run: Exec = exec): Mounter {
  return {
    async mount({ source, target, type, options = [], isExact = false }) {
      const kind = type === undefined ? [] : ["-t", type];
      const flags = options.length === 0 ? [] : ["-o", options.join(",")];
      await run(["mount", ...(isExact ? ["--no-canonicalize"] : []), ...kind, ...flags, source, target]);
    },
    async unmount(target) {
      // 32: it is no mount point, or not any more.
      await run(["umount", target], { okCodes: [0, 32] });
      if (await isMounted(target)) await run(["umount", "-l", target], { okCodes: [0, 32] });
    },
    async mountsBelow(folder) {
      return (await listMountPoints()).filter((point) => point === folder || point.startsWith(`${folder}/`));
    },
  };
}

async function isMounted(target: string): Promise<boolean> {
  return (await listMountPoints()).includes(target);
}

async function listMountPoints(): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => decodeOctal(line.split(" ")[4] ?? ""));
}

/** The kernel writes spaces and the like as \ and three octal digits. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
