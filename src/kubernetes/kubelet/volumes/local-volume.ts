// A persistent volume of type local: a folder (or device) of this node, mounted below the pod's folder.

import { mkdir, stat } from "node:fs/promises";
import type { PersistentVolumeSpec } from "#kubernetes/api";
import type { Mounter } from "./mounter.ts";
import { giveToGroup } from "./ownership.ts";
import type { VolumePlugin } from "./volume.ts";

export function createLocalVolumePlugin(mounter: Mounter): VolumePlugin {
  return {
    name: "kubernetes.io~local-volume",
    isLive: false,
    supports: ({ source }) => (source as PersistentVolumeSpec).local !== undefined,
    async setUp({ source, readOnly }, { pod, folder }) {
      const { local, volumeMode } = source as PersistentVolumeSpec;
      const { path } = local!;
      const info = await stat(path).catch(() => undefined);
      if (!info) throw new Error(`path ${JSON.stringify(path)} does not exist`);
      if (volumeMode === "Block") return { path, readOnly, isBlock: true };
      if (!info.isDirectory()) throw new Error(`path ${JSON.stringify(path)} is not a directory`);
      await mkdir(folder, { recursive: true, mode: 0o750 });
      if (!(await mounter.mountsBelow(folder)).includes(folder)) {
        await mounter.mount({ source: path, target: folder, options: ["bind", ...(readOnly ? ["ro"] : [])] });
      }
      const { fsGroup: gid, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
      const onlyOnMismatch = fsGroupChangePolicy === "OnRootMismatch";
      if (gid !== undefined && !readOnly) await giveToGroup(folder, { gid, readOnly: false, onlyOnMismatch });
      return { path: folder, readOnly };
    },
  };
}
