// What keeps the node usable over time: watches memory and disk, evicts, removes unused images, rotates logs. In the background,
// at the node's heartbeats.

import type { CriClient } from "../cri/cri-client.ts";
import { createEvictionManager } from "../eviction/eviction-manager.ts";
import { createImageGc, defaultImageGc } from "../images/image-gc.ts";
import { defaultLogRotation, type RotationTarget, rotateLogs } from "../logs/rotate-logs.ts";
import { defaultEviction } from "../node/node-state.ts";
import type { Pressure } from "../node/node-status.ts";
import { readDiskUsage, type UsageReader } from "../node/usage.ts";
import type { PodWorkers } from "../pods/pod-workers.ts";
import type { KubeletBase } from "./base.ts";

export interface Upkeep {
  /** Begins a round if it is time for one. */
  beat(): void;
  readonly pressure: Pressure;
}

export interface UpkeepOptions {
  readonly workers: PodWorkers;
  readonly usage: UsageReader;
  onPressureChange(): void;
}

/** A little less than a heartbeat. */
const roundMs = 9000;
const imageRoundMs = 5 * 60_000;

export function createUpkeep(base: KubeletBase, { workers, usage, onPressureChange }: UpkeepOptions): Upkeep {
  const { options, clock, logger, cri, state, metrics } = base;
  const { rootFolder } = options;
  const imageGc = createImageGc(cri, clock, logger, { ...defaultImageGc, ...options.imageGc });
  const rotation = { ...defaultLogRotation, ...options.logRotation };
  const imageFolder = imageFolderOf(cri);
  const eviction = createEvictionManager({
    thresholds: { ...defaultEviction, ...options.eviction },
    clock,
    logger,
    events: base.events,
    workers,
    usage,
    capacity: state.capacity,
    rootFolder,
    imageFolder,
    freeImages: () => imageGc.freeAll(),
    onEvicted: (signal) => metrics.evicted(signal),
  });
  let nextAt = 0;
  let imagesAt = 0;
  let running: Promise<void> | undefined;

  const round = async (): Promise<void> => {
    const before = JSON.stringify(eviction.pressure);
    await eviction.check();
    if (JSON.stringify(eviction.pressure) !== before) onPressureChange();
    if (clock.now() >= imagesAt) {
      imagesAt = clock.now() + imageRoundMs;
      const disk = await readDiskUsage((await imageFolder()) ?? rootFolder).catch(() => undefined);
      if (disk) await imageGc.check(disk);
    }
    await rotateLogs(runningLogs(workers), { cri, clock, logger }, rotation);
  };

  base.onStop(async () => {
    nextAt = Number.POSITIVE_INFINITY;
    await running;
  });
  return {
    get pressure() {
      return eviction.pressure;
    },
    beat() {
      if (running || clock.now() < nextAt) return;
      nextAt = clock.now() + roundMs;
      running = round().finally(() => {
        running = undefined;
      });
    },
  };
}

function* runningLogs(workers: PodWorkers): Generator<RotationTarget> {
  for (const { observed } of workers.all()) {
    for (const { id, state, logPath } of observed.containers) {
      if (state === "running" && logPath !== "") yield { containerId: id, logPath };
    }
  }
}

/** Where the runtime keeps its images; asked for once. */
function imageFolderOf(cri: CriClient): () => Promise<string | undefined> {
  let folder: string | undefined;
  return async () => {
    if (folder !== undefined) return folder;
    const answer = await cri.call("ImageFsInfo", {}).catch(() => undefined);
    folder = answer?.imageFilesystems[0]?.fsId?.mountpoint;
    return folder;
  };
}
