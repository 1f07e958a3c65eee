// configMap, secret, downwardAPI and projected volumes: files written all at once, and again when their sources change.

import { chmod, mkdir } from "node:fs/promises";
import type { Volume } from "#kubernetes/api";
import { writeAtomically } from "./atomic-writer.ts";
import { mountTmpfs } from "./empty-dir.ts";
import type { Mounter } from "./mounter.ts";
import { giveToGroup } from "./ownership.ts";
import { collectPayload, type PayloadSources } from "./payload.ts";
import type { VolumePlugin } from "./volume.ts";

type Kind = "configMap" | "secret" | "downwardAPI" | "projected";

/** The folder's name, and whether what lies in it must never reach a disk. */
const kinds: Readonly<Record<Kind, { readonly name: string; readonly inMemory: boolean }>> = {
  configMap: { name: "kubernetes.io~configmap", inMemory: false },
  secret: { name: "kubernetes.io~secret", inMemory: true },
  downwardAPI: { name: "kubernetes.io~downward-api", inMemory: true },
  projected: { name: "kubernetes.io~projected", inMemory: true },
};

export interface PayloadPluginOptions {
  readonly mounter: Mounter;
  readonly sources: PayloadSources;
  /** The most memory a volume may take, in bytes; 0: the kernel's default. */
  memoryLimit(): number;
}

export function createPayloadPlugins(options: PayloadPluginOptions): VolumePlugin[] {
  return (Object.keys(kinds) as Kind[]).map((kind) => createPayloadPlugin(kind, options));
}

function createPayloadPlugin(kind: Kind, { mounter, sources, memoryLimit }: PayloadPluginOptions): VolumePlugin {
  const { name, inMemory } = kinds[kind];
  return {
    name,
    isLive: true,
    supports: ({ source }) => (source as Volume)[kind] !== undefined,
    async setUp({ source }, { pod, folder }) {
      // First what is to be in it: a volume whose sources are missing leaves nothing behind.
      const payload = (await collectPayload(pod, source as Volume, sources))!;
      const gid = pod.spec.securityContext?.fsGroup;
      if ((await mkdir(folder, { recursive: true })) !== undefined) {
        await chmod(folder, 0o777);
        if (inMemory) await mountTmpfs(mounter, folder, memoryLimit());
        if (gid !== undefined) await giveToGroup(folder, { gid, readOnly: false });
      } else if (inMemory && !(await mounter.mountsBelow(folder)).includes(folder)) {
        await mountTmpfs(mounter, folder, memoryLimit());
      }
      const give = async (path: string) => {
        if (gid !== undefined) await giveToGroup(path, { gid, readOnly: true });
      };
      await writeAtomically(folder, payload, give);
      return { path: folder, readOnly: true };
    },
  };
}
