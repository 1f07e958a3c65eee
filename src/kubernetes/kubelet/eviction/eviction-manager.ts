// Keeps the node alive when memory or disk run out: looks at each beat, frees what nobody uses, and then evicts pods, one at a time.

import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PodCondition, PodStatus } from "#kubernetes/api";
import { quantityValue } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger } from "#shared";
import type { Pressure } from "../node/node-status.ts";
import { type PodUsage, readDiskUsage, type UsageReader } from "../node/usage.ts";
import type { EvictionThresholds } from "../options.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { ResourceList } from "../pod/resources.ts";
import type { PodEvents } from "../pod-events.ts";
import type { PodWorkers } from "../pods/pod-workers.ts";
import {
  chooseVictim,
  evictionMessage,
  findShortages,
  type Observations,
  overDiskLimit,
  pressureOf,
  type Shortage,
} from "./plan-eviction.ts";

export interface EvictionManagerOptions {
  readonly thresholds: EvictionThresholds;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: PodEvents;
  readonly workers: PodWorkers;
  readonly usage: UsageReader;
  readonly capacity: ResourceList;
  readonly rootFolder: string;
  /** Where the runtime keeps images; undefined: on the same disk. */
  imageFolder(): Promise<string | undefined>;
  /** Removes images nobody uses; called when the disk is short. */
  freeImages(): Promise<void>;
  onEvicted(resource: string): void;
}

export interface EvictionManager {
  /** Looks, and acts where it must. Never throws. */
  check(): Promise<void>;
  readonly pressure: Pressure;
}

/** A condition stays for so long after it was last true, so that it does not flap. */
const pressureMs = 5 * 60_000;
/** Sizes of emptyDirs are expensive to measure. */
const emptyDirMs = 60_000;

export function createEvictionManager(options: EvictionManagerOptions): EvictionManager {
  const { clock, logger, events, workers, usage, thresholds } = options;
  const lastTrue = new Map<keyof Pressure, number>();
  let evicting: Promise<void> | undefined;
  let emptyDirsAt = Number.NEGATIVE_INFINITY;

  const evict = (pod: BoundPod, message: string, isForNode: boolean): void => {
    events.pod(pod, "Warning", "Evicted", message);
    logger.info({ pod: pod.metadata.name, message }, "pod evicted");
    const finalStatus = (status: PodStatus): PodStatus => {
      const failed: PodStatus = { ...status, phase: "Failed", reason: "Evicted", message };
      return isForNode ? { ...failed, conditions: withDisruption(failed, message, clock.now()) } : failed;
    };
    const done = workers.get(pod.metadata.uid)?.kill({ gracePeriodSeconds: 1, finalStatus }) ?? Promise.resolve();
    evicting = done.finally(() => {
      evicting = undefined;
    });
  };

  const relieve = async (shortage: Shortage): Promise<void> => {
    if (shortage.resource !== "memory") await options.freeImages();
    const pods = workers.active();
    const used = await usage.pods();
    const victim = chooseVictim(shortage, pods, used);
    if (!victim) return;
    const own = used.find(({ uid }) => uid === victim.metadata.uid);
    evict(victim, evictionMessage(shortage, victim, own), true);
    options.onEvicted(shortage.resource);
  };

  const checkLimits = async (): Promise<void> => {
    const limited = workers.active().filter(hasDiskLimit);
    if (limited.length === 0 || clock.now() - emptyDirsAt < emptyDirMs) return;
    emptyDirsAt = clock.now();
    const used = await usage.pods();
    for (const pod of limited) {
      const own: PodUsage | undefined = used.find(({ uid }) => uid === pod.metadata.uid);
      const message = overDiskLimit(pod, own, await emptyDirSizes(options.rootFolder, pod));
      if (message === undefined) continue;
      evict(pod, message, false);
      options.onEvicted("ephemeral-storage");
    }
  };

  const pressure = (): Pressure => {
    const isTrue = (key: keyof Pressure) => clock.now() - (lastTrue.get(key) ?? Number.NEGATIVE_INFINITY) < pressureMs;
    return { memory: isTrue("memory"), disk: isTrue("disk"), pid: isTrue("pid") };
  };

  return {
    get pressure() {
      return pressure();
    },
    async check() {
      try {
        const shortages = findShortages(await observe(options), thresholds);
        for (const [key, isTrue] of Object.entries(pressureOf(shortages))) {
          if (isTrue) lastTrue.set(key as keyof Pressure, clock.now());
        }
        if (evicting) return;
        const [worst] = shortages;
        if (worst) await relieve(worst);
        else await checkLimits();
      } catch (error) {
        logger.warn({ error: describeError(error) }, "eviction not checked");
      }
    },
  };
}

async function observe({ rootFolder, capacity, usage, imageFolder }: EvictionManagerOptions): Promise<Observations> {
  const disk = await readDiskUsage(rootFolder);
  const folder = await imageFolder();
  const imageDisk = folder === undefined ? disk : await readDiskUsage(folder).catch(() => disk);
  const memoryCapacity = quantityValue(capacity["memory"]);
  const { workingSetBytes } = await usage.node();
  const [pidsUsed, pidsMost] = await Promise.all([processCount(), readNumber("/proc/sys/kernel/pid_max")]);
  return {
    memory: {
      capacity: memoryCapacity,
      available: Math.min(memoryCapacity - workingSetBytes, await machineMemoryAvailable()),
    },
    disk: { capacity: disk.capacityBytes, available: disk.availableBytes },
    inodes: { capacity: disk.inodes, available: disk.inodesFree },
    imageDisk: { capacity: imageDisk.capacityBytes, available: imageDisk.availableBytes },
    pids: { capacity: pidsMost, available: pidsMost - pidsUsed },
  };
}

async function machineMemoryAvailable(): Promise<number> {
  const text = await readFile("/proc/meminfo", "utf8");
  return Number(/^MemAvailable:\s+(\d+)/m.exec(text)?.[1] ?? Number.POSITIVE_INFINITY) * 1024;
}

async function processCount(): Promise<number> {
  const text = await readFile("/proc/loadavg", "utf8");
  return Number(/\/(\d+)/.exec(text)?.[1] ?? 0);
}

async function readNumber(path: string): Promise<number> {
  return Number((await readFile(path, "utf8")).trim());
}

function hasDiskLimit({ spec }: BoundPod): boolean {
  const hasVolume = spec.volumes?.some(
    ({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== "Memory",
  );
  return hasVolume || spec.containers.some(({ resources }) => resources?.limits?.["ephemeral-storage"] !== undefined);
}

async function emptyDirSizes(rootFolder: string, pod: BoundPod): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    if (emptyDir?.sizeLimit === undefined) continue;
    const folder = join(rootFolder, "pods", pod.metadata.uid, "volumes", "kubernetes.io~empty-dir", name);
    sizes.set(name, await sizeOf(folder));
  }
  return sizes;
}

/** Bytes the files take on the disk; links are not followed. */
async function sizeOf(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) total += await sizeOf(path);
    // The kernel counts in blocks of 512 bytes.
    else if (entry.isFile()) total += ((await stat(path).catch(() => undefined))?.blocks ?? 0) * 512;
  }
  return total;
}

function withDisruption(status: PodStatus, message: string, nowMs: number): PodCondition[] {
  const condition: PodCondition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "TerminationByKubelet",
    message,
    lastTransitionTime: formatTime(nowMs),
  };
  return [...(status.conditions ?? []).filter(({ type }) => type !== "DisruptionTarget"), condition];
}
