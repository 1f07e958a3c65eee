// Hears of what happens to containers, by the best means the runtime has: CRI's event stream; else containerd's own; else, as
// upstream, by listing everything every second.

import { GrpcError, grpcCodes } from "#grpc";
import { type Clock, describeError, type Logger } from "#shared";
import { watchContainerdEvents } from "../cri/containerd-events.ts";
import type { CriClient } from "../cri/cri-client.ts";
import { podUidLabel } from "../runtime/container-annotations.ts";

export interface RuntimeWatchOptions {
  readonly cri: CriClient;
  readonly socket: string;
  readonly runtimeName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something happened to this pod. */
  onPod(uid: string): void;
  /** Something may have happened to any: look through all. */
  sweep(): Promise<void>;
}

const relistMs = 1000;
/** With events, listing everything is only for what they missed. */
const safetyMs = 60_000;
const reconnectMs = 500;
/** containerd tells of an end before CRI knows of it: a little, or long where the machine is busy. Asked again after each. */
const settleMs = [5, 10, 20, 40, 80, 160, 320, 640];
/** Then once a second, but not for ever: by then the safety net has taken over. */
const settleTimes = 120;

/** Runs until the signal fires; resolves then. */
export async function watchRuntime(options: RuntimeWatchOptions, signal: AbortSignal): Promise<void> {
  const kinds: readonly EventSource[] = [watchCri, ...(options.runtimeName === "containerd" ? [watchContainerd] : [])];
  for (const watch of kinds) {
    if (await follow(watch, options, signal)) return;
  }
  options.logger.info({ runtime: options.runtimeName }, "runtime has no events, listing every second");
  await sweepEvery(relistMs, options, signal);
}

type EventSource = (options: RuntimeWatchOptions, signal: AbortSignal) => Promise<void>;

/** True when the signal ended it; false where the runtime has no such stream. */
async function follow(watch: EventSource, options: RuntimeWatchOptions, signal: AbortSignal): Promise<boolean> {
  const { clock, logger } = options;
  const safety = new AbortController();
  const safetyNet = sweepEvery(safetyMs, options, AbortSignal.any([signal, safety.signal]));
  try {
    while (!signal.aborted) {
      try {
        await watch(options, signal);
      } catch (error) {
        if (error instanceof GrpcError && error.code === grpcCodes.unimplemented) return false;
        if (!signal.aborted) logger.info({ error: describeError(error) }, "runtime events ended, starting again");
      }
      if (signal.aborted) return true;
      await clock.sleep(reconnectMs, signal).catch(() => {});
      // What happened meanwhile.
      await options.sweep().catch(() => {});
    }
    return true;
  } finally {
    safety.abort();
    await safetyNet;
  }
}

async function watchCri({ cri, onPod }: RuntimeWatchOptions, signal: AbortSignal): Promise<void> {
  for await (const { podSandboxStatus } of cri.containerEvents({ signal })) {
    const uid = podSandboxStatus?.metadata?.uid;
    if (uid) onPod(uid);
  }
}

async function watchContainerd(options: RuntimeWatchOptions, signal: AbortSignal): Promise<void> {
  for await (const { containerId } of watchContainerdEvents(options.socket, signal)) {
    announce(options, containerId, signal).catch((error) => {
      options.logger.debug({ containerId, error: describeError(error) }, "runtime event not understood");
    });
  }
}

/** Waits until CRI knows of the end, then tells the pod of the container or sandbox. */
async function announce({ cri, clock, onPod }: RuntimeWatchOptions, id: string, signal: AbortSignal): Promise<void> {
  for (let times = 0; ; times++) {
    const found = await lookUp(cri, id);
    if (!found) return;
    if (found.hasEnded || times === settleTimes) return onPod(found.podUid);
    await clock.sleep(settleMs[times] ?? relistMs, signal);
  }
}

interface Found {
  readonly podUid: string;
  /** One that is still being started has not: it may end before CRI has said that it runs. */
  readonly hasEnded: boolean;
}

async function lookUp(cri: CriClient, id: string): Promise<Found | undefined> {
  const [container] = (await cri.call("ListContainers", { filter: { id } })).containers;
  const podUid = container?.labels[podUidLabel];
  if (container && podUid !== undefined) {
    return { podUid, hasEnded: container.state === "CONTAINER_EXITED" || container.state === "CONTAINER_UNKNOWN" };
  }
  const [sandbox] = (await cri.call("ListPodSandbox", { filter: { id } })).items;
  const uid = sandbox?.metadata?.uid;
  return sandbox && uid !== undefined ? { podUid: uid, hasEnded: sandbox.state === "SANDBOX_NOTREADY" } : undefined;
}

async function sweepEvery(periodMs: number, options: RuntimeWatchOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await options.clock.sleep(periodMs, signal).catch(() => {});
    if (signal.aborted) return;
    await options.sweep().catch((error) => {
      options.logger.info({ error: describeError(error) }, "runtime not listed");
    });
  }
}
