// Stops containers: the preStop hook, then the runtime's SIGTERM and, when the grace period is over, its SIGKILL.

import { formatGrpcError, isGrpcNotFound } from "#grpc";
import type { Container } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import type { KillReason } from "../plan/pod-plan.ts";
import { type BoundPod, findContainer, isSidecar, toBoundPod } from "../pod/bound-pod.ts";
import type { PodEvents } from "../pod-events.ts";
import { containerNameLabel, readContainerAnnotations } from "./container-annotations.ts";
import { runHook } from "./lifecycle-hook.ts";
import type { ObservedContainer, ObservedPod } from "./observed.ts";
import { TerminationOrder } from "./termination-order.ts";

export interface KillTools {
  readonly cri: CriClient;
  readonly clock: Clock;
  readonly events: PodEvents;
  readonly logger: Logger;
}

export interface KillOptions {
  /** For the Killing event. Default: "Stopping container <name>". */
  readonly message?: string;
  readonly reason?: KillReason;
  /** Instead of what the pod says. */
  readonly gracePeriodSeconds?: number | undefined;
  /** Where the container must wait for others to end. */
  readonly order?: TerminationOrder | undefined;
  readonly podIP?: string | undefined;
  /** Gives up waiting, such as to start again with a shorter period. The runtime goes on stopping what it was told to. */
  readonly signal?: AbortSignal | undefined;
}

/** Even a container that must go at once gets so long to go by itself. */
const leastGraceSeconds = 2;

/** Resolves when the container has stopped. Throws what the runtime says when it can't stop it. */
export async function killContainer(
  tools: KillTools,
  pod: BoundPod,
  observed: ObservedContainer,
  options: KillOptions = {},
): Promise<void> {
  const { cri, clock, events, logger } = tools;
  const container = findContainer(pod.spec, observed.name)?.container as Container | undefined;
  if (!container) throw new Error(`Cannot stop container ${observed.name}: the pod's spec does not have it`);
  const message = options.message || `Stopping container ${container.name}`;
  events.container(pod, container, { type: "Normal", reason: "Killing", message, containerId: observed.id });
  const startedAt = clock.now();
  const grace = options.gracePeriodSeconds ?? gracePeriodOf(pod, container, options.reason);
  const left = () => grace - Math.floor((clock.now() - startedAt) / 1000);
  const { preStop } = container.lifecycle ?? {};
  if (preStop && grace > 0) {
    const hook = runHook(
      preStop,
      { pod, container, containerId: observed.id, podIP: options.podIP },
      tools,
      options.signal,
    );
    await within(clock, left() * 1000, hook).catch((error) => {
      logger.warn(
        { pod: pod.metadata.name, container: container.name, error: describeError(error) },
        "preStop hook failed",
      );
      events.container(pod, container, { type: "Warning", reason: "FailedPreStopHook", message: "PreStopHook failed" });
    });
  }
  if (options.order && left() > 0) await within(clock, left() * 1000, options.order.turnOf(container.name));
  const timeout = Math.max(left(), leastGraceSeconds);
  try {
    const { signal } = options;
    await cri.call(
      "StopContainer",
      { containerId: observed.id, timeout },
      { signal, timeoutMs: timeout * 1000 + 120_000 },
    );
  } catch (error) {
    if (!isGrpcNotFound(error)) throw error;
  }
  options.order?.hasEnded(container.name);
}

/** Stops everything that runs in a pod, then its sandboxes. Resolves when all have stopped; throws all that went wrong. */
export async function killPod(
  tools: KillTools,
  pod: BoundPod | undefined,
  observed: ObservedPod,
  options: Pick<KillOptions, "gracePeriodSeconds" | "signal"> = {},
): Promise<void> {
  const running = observed.containers.filter(({ state }) => state === "running");
  const owner = pod ?? (await restorePod(tools.cri, observed, running));
  const names = new Set(running.map(({ name }) => name));
  const hasSidecars = owner.spec.initContainers?.some(isSidecar) ?? false;
  const order = hasSidecars ? new TerminationOrder(owner, names) : undefined;
  const podIP = observed.ips[0];
  const stops = running.map((each) => killContainer(tools, owner, each, { ...options, order, podIP }));
  const stopped = await Promise.allSettled(stops);
  options.signal?.throwIfAborted();
  throwFailures(stopped);
  throwFailures(await Promise.allSettled(observed.sandboxes.map(({ id }) => stopSandbox(tools.cri, id))));
}

async function stopSandbox(cri: CriClient, podSandboxId: string): Promise<void> {
  try {
    await cri.call("StopPodSandbox", { podSandboxId });
  } catch (error) {
    if (!isGrpcNotFound(error)) throw error;
  }
}

/** What is needed to stop a pod of which only its containers are left: read from what was written on them. */
async function restorePod(
  cri: CriClient,
  observed: ObservedPod,
  running: readonly ObservedContainer[],
): Promise<BoundPod> {
  const containers: Container[] = [];
  let spec = {};
  let deletionGracePeriodSeconds: number | undefined;
  for (const { id } of running) {
    const { status } = await cri.call("ContainerStatus", { containerId: id });
    const recorded = readContainerAnnotations(status?.annotations ?? {});
    const { preStop, ports, terminationGracePeriodSeconds } = recorded;
    const name = status?.labels[containerNameLabel] ?? "";
    containers.push({ name, ...(ports && { ports }), ...(preStop && { lifecycle: { preStop } }) });
    if (terminationGracePeriodSeconds !== undefined) spec = { terminationGracePeriodSeconds };
    deletionGracePeriodSeconds = recorded.deletionGracePeriodSeconds;
  }
  const { uid, name, namespace } = observed;
  const metadata = {
    uid,
    name,
    namespace,
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
  };
  return toBoundPod({ metadata, spec: { ...spec, containers }, status: {} });
}

/** The deletion's period, else the probe's that failed, else the pod's. */
function gracePeriodOf(pod: BoundPod, container: Container, reason: KillReason | undefined): number {
  const { deletionGracePeriodSeconds } = pod.metadata;
  if (deletionGracePeriodSeconds !== undefined) return deletionGracePeriodSeconds;
  const { terminationGracePeriodSeconds } = pod.spec;
  if (terminationGracePeriodSeconds === undefined) return leastGraceSeconds;
  const probe =
    reason === "StartupProbe"
      ? container.startupProbe
      : reason === "LivenessProbe"
        ? container.livenessProbe
        : undefined;
  return probe?.terminationGracePeriodSeconds ?? terminationGracePeriodSeconds;
}

/** Resolves as the promise does, or after the time. The promise goes on. */
function within(clock: Clock, mostMs: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(mostMs, resolve);
    promise.then(resolve, reject).finally(cancel);
  });
}

function throwFailures(results: readonly PromiseSettledResult<void>[]): void {
  const errors = results.filter((result) => result.status === "rejected").map(({ reason }) => formatGrpcError(reason));
  if (errors.length === 0) return;
  throw new Error(errors.length === 1 ? errors[0]! : `[${errors.join(", ")}]`);
}
