// The folders behind volumes, all within one folder of the node.

import { chmod, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface VolumeFolders {
  /** Where a volume's folder lies. */
  pathOf(volume: string): string;
  /** Makes it, empty; leaves one that is there as it is. */
  make(path: string): Promise<void>;
  /** Removes it with all that is in it; fine where there is none. Throws for a path that lies elsewhere. */
  remove(path: string): Promise<void>;
}

export function createVolumeFolders(folder: string): VolumeFolders {
  return {
    pathOf: (volume) => join(folder, volume),
    async make(path) {
      await mkdir(path, { recursive: true });
      // Whatever user a container runs as, the volume is its own.
      await chmod(path, 0o777);
    },
    async remove(path) {
      if (dirname(path) !== folder) throw new Error(`Cannot remove ${path}: it does not lie in ${folder}`);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** For nodes that are only simulated. */
export const pretendedFolders: VolumeFolders = {
  pathOf: (volume) => join("/var/lib/slipway/volumes", volume),
  async make() {},
  async remove() {},
};
