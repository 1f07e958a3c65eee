// The kinds of volumes this kubelet has, and their manager.

import { join } from "node:path";
import type { WatchedObjects } from "../objects/watched-objects.ts";
import { memoryOf } from "../pod/resources.ts";
import type { StatusKeeper } from "../status/status-keeper.ts";
import { resolveVolume } from "../volumes/claims.ts";
import { createEmptyDirPlugin } from "../volumes/empty-dir.ts";
import { hostPathPlugin } from "../volumes/host-path.ts";
import { createLocalVolumePlugin } from "../volumes/local-volume.ts";
import type { Mounter } from "../volumes/mounter.ts";
import { createPayloadPlugins } from "../volumes/payload-volume.ts";
import type { TokenSource } from "../volumes/token-source.ts";
import { createVolumeManager, type VolumeManager } from "../volumes/volume-manager.ts";
import type { KubeletBase } from "./base.ts";

export interface VolumeSources {
  readonly mounter: Mounter;
  readonly objects: WatchedObjects;
  readonly tokens: TokenSource;
  readonly statuses: StatusKeeper;
}

export function makeVolumes(base: KubeletBase, { mounter, objects, tokens, statuses }: VolumeSources): VolumeManager {
  const { options, state, clock, events, logger } = base;
  const allocatable = () => state.allocatable;
  const payloads = createPayloadPlugins({
    mounter,
    memoryLimit: () => memoryOf(state.allocatable),
    sources: {
      configMap: (pod, name) => objects.configMap(pod.metadata.namespace, name),
      secret: (pod, name) => objects.secret(pod.metadata.namespace, name),
      token: (pod, projection) => tokens.token(pod, projection),
      addressesOf: ({ metadata: { uid } }) => ({
        podIPs: statuses.get(uid)?.podIPs?.map(({ ip = "" }) => ip) ?? [],
        hostIPs: state.hostIPs,
      }),
      allocatable,
    },
  });
  return createVolumeManager({
    plugins: [
      createEmptyDirPlugin({ mounter, allocatable }),
      hostPathPlugin,
      createLocalVolumePlugin(mounter),
      ...payloads,
    ],
    mounter,
    podsFolder: join(options.rootFolder, "pods"),
    clock,
    events,
    logger,
    resolve: (pod, volume) => resolveVolume(options.client, pod, volume),
  });
}
