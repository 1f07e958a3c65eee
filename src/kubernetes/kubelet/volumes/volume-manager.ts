// The volumes of all pods of a node: sets them up before containers start, brings them up to date when their sources change,
// takes them away when the pod has ended, and cleans up after pods nobody remembers.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Volume } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { PodEvents } from "../pod-events.ts";
import { Backoff } from "../runtime/backoff.ts";
import type { Mounter } from "./mounter.ts";
import { usedVolumes } from "./used-volumes.ts";
import type { MountedVolume, VolumePlugin, VolumeSpec } from "./volume.ts";

export interface VolumeManagerOptions {
  readonly plugins: readonly VolumePlugin[];
  readonly mounter: Mounter;
  /** Where the pods' folders lie: <folder>/<uid>. */
  readonly podsFolder: string;
  readonly clock: Clock;
  readonly events: PodEvents;
  readonly logger: Logger;
  resolve(pod: BoundPod, volume: Volume): Promise<VolumeSpec>;
}

/** Some volumes can't be used yet. */
export class VolumeError extends Error {
  override readonly name = "VolumeError";
  /** When to try again, in milliseconds since the epoch. */
  readonly retryAt: number;

  constructor(message: string, retryAt: number) {
    super(message);
    this.retryAt = retryAt;
  }
}

export interface VolumeManager {
  /** Sets up what the pod's containers use and is not set up yet. Throws VolumeError; events tell why. */
  mount(pod: BoundPod): Promise<void>;
  /** Brings the content of live volumes up to date. Failures become events; the old content stays. */
  refresh(pod: BoundPod): Promise<void>;
  /** The volumes that are set up, by the pod's names for them. */
  mounted(podUid: string): ReadonlyMap<string, MountedVolume>;
  /** Takes away all volumes of a pod; containers must have stopped. */
  unmount(podUid: string): Promise<void>;
  /** The pods that have a folder. */
  podsOnDisk(): Promise<readonly string[]>;
  /** Takes away everything there is of a pod. */
  removePod(podUid: string): Promise<void>;
}

/** Upstream's waits between tries of one volume. */
const retryBackoff = { initialMs: 500, maxMs: 122_000 };

export function createVolumeManager(options: VolumeManagerOptions): VolumeManager {
  const { plugins, mounter, podsFolder, clock, events, logger } = options;
  const backoff = new Backoff(retryBackoff, clock);
  const known = new Map<string, Map<string, MountedVolume>>();

  const setUp = async (pod: BoundPod, volume: Volume): Promise<MountedVolume> => {
    const spec = await options.resolve(pod, volume);
    const plugin = plugins.find((each) => each.supports(spec));
    if (!plugin) throw new Error(`no volume plugin matched`);
    const name = spec.persistentVolumeName ?? spec.name;
    const folder = join(podsFolder, pod.metadata.uid, "volumes", plugin.name, name);
    return plugin.setUp(spec, { pod, folder });
  };

  const trySetUp = async (pod: BoundPod, volume: Volume): Promise<MountedVolume | undefined> => {
    const key = `${pod.metadata.uid}/${volume.name}`;
    try {
      return await setUp(pod, volume);
    } catch (error) {
      backoff.next(key);
      const text = describeError(error);
      const isClaim = text.startsWith("error processing PVC");
      const message = isClaim
        ? `Unable to attach or mount volumes: unmounted volumes=[${volume.name}], unattached volumes=[], failed to process volumes=[${volume.name}]: ${text}`
        : `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${text}`;
      events.pod(pod, "Warning", "FailedMount", message);
      return undefined;
    }
  };

  const volumesOf = (pod: BoundPod) => known.get(pod.metadata.uid) ?? new Map<string, MountedVolume>();

  const removeTree = async (folder: string): Promise<void> => {
    for (const point of (await mounter.mountsBelow(folder)).toReversed()) await mounter.unmount(point);
    const left = await mounter.mountsBelow(folder);
    // Never through a mount: it may be someone's data.
    if (left.length > 0) throw new Error(`Cannot remove ${folder}: ${left[0]} is still mounted`);
    await rm(folder, { recursive: true, force: true });
  };

  return {
    async mount(pod) {
      const mounted = volumesOf(pod);
      known.set(pod.metadata.uid, mounted);
      const missing = usedVolumes(pod).filter(({ name }) => !mounted.has(name));
      await Promise.all(
        missing.map(async (volume) => {
          const result = await trySetUp(pod, volume);
          if (result) mounted.set(volume.name, result);
        }),
      );
      const failed = missing.map(({ name }) => name).filter((name) => !mounted.has(name));
      if (failed.length === 0) return;
      const waits = failed.map((name) => backoff.remaining(`${pod.metadata.uid}/${name}`));
      throw new VolumeError(
        `unmounted volumes=[${failed.join(" ")}], unattached volumes=[], failed to process volumes=[]`,
        clock.now() + Math.min(...waits),
      );
    },
    async refresh(pod) {
      const mounted = volumesOf(pod);
      for (const volume of usedVolumes(pod)) {
        if (!mounted.has(volume.name) || !isLive(plugins, volume)) continue;
        await trySetUp(pod, volume);
      }
    },
    mounted: (podUid) => known.get(podUid) ?? new Map(),
    async unmount(podUid) {
      known.delete(podUid);
      const folder = join(podsFolder, podUid);
      await removeTree(join(folder, "volume-subpaths"));
      await removeTree(join(folder, "volumes"));
    },
    podsOnDisk: () => readdir(podsFolder).catch(() => []),
    async removePod(podUid) {
      known.delete(podUid);
      await removeTree(join(podsFolder, podUid));
      logger.debug({ podUid }, "pod folder removed");
    },
  };
}

function isLive(plugins: readonly VolumePlugin[], volume: Volume): boolean {
  const spec: VolumeSpec = { name: volume.name, source: volume, readOnly: false };
  return plugins.some((plugin) => plugin.isLive && plugin.supports(spec));
}
