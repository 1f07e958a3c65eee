// A pod's phase, from the statuses of its containers. Pure.

import type { Container, ContainerStatus } from "#kubernetes/api";
import { type BoundPod, isSidecar, isStatic } from "../pod/bound-pod.ts";
import { shouldRestart } from "../pod/restart-rules.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface PhaseInputs {
  readonly pod: BoundPod;
  /** Of regular and init containers. */
  readonly statuses: readonly ContainerStatus[];
  /** Nothing of the pod will run any more. */
  readonly isTerminal: boolean;
  /** A regular container was made in the present sandbox. */
  readonly hasInitialized: boolean;
}

/** What one container contributes. "none": it does not count. */
type Part = "none" | "unknown" | "pending" | "waiting" | "running" | "stopped" | "failed";

export function podPhase({ pod, statuses, isTerminal, hasInitialized }: PhaseInputs): PodPhase {
  const statusOf = (container: Container) => statuses.find(({ name }) => name === container.name);
  const init = (pod.spec.initContainers ?? []).filter((container) => !isSidecar(container));
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const initParts = init.map((container) => initPart(pod, container, statusOf(container)));
  if (initParts.includes("failed")) return "Failed";
  const sidecarParts = sidecars.flatMap((container) => sidecarPartsOf(statusOf(container)));
  const regular = pod.spec.containers.map((container) => ({ container, status: statusOf(container) }));
  const parts = [...sidecarParts, ...regular.map(({ status }) => regularPart(status))];
  if (initParts.includes("pending") || (sidecarParts.includes("pending") && !hasInitialized)) return "Pending";
  if (parts.includes("waiting")) return "Pending";
  if (parts.includes("unknown")) return "Pending";
  if (parts.includes("running")) return "Running";
  if (!parts.includes("stopped")) return "Pending";
  const allSucceeded = regular.every(({ status }) => status?.state?.terminated?.exitCode === 0);
  if (isTerminal && !isStatic(pod)) return allSucceeded ? "Succeeded" : "Failed";
  const mayRun = regular.some(({ container, status }) => willRestart(pod, container, status));
  if (mayRun) return "Running";
  return allSucceeded ? "Succeeded" : "Failed";
}

function initPart(pod: BoundPod, container: Container, status: ContainerStatus | undefined): Part {
  const ended = status?.state?.terminated ?? (status?.state?.waiting && status.lastState?.terminated);
  if (!ended) return "pending";
  if (ended.exitCode === 0) return "none";
  return willRestart(pod, container, status) ? "none" : "failed";
}

function sidecarPartsOf(status: ContainerStatus | undefined): Part[] {
  if (!status) return ["unknown"];
  const { state, lastState, started } = status;
  if (state?.running) return started ? ["running"] : ["running", "pending"];
  if (state?.terminated) return [];
  if (state?.waiting) return lastState?.terminated ? [] : ["waiting", "pending"];
  return ["unknown", "pending"];
}

function regularPart(status: ContainerStatus | undefined): Part {
  const { state, lastState } = status ?? {};
  if (state?.running) return "running";
  if (state?.terminated) return "stopped";
  if (state?.waiting) return lastState?.terminated ? "stopped" : "waiting";
  return "unknown";
}

/** Whether a container that has ended (or waits after its end) is to run again. */
function willRestart(pod: BoundPod, container: Container, status: ContainerStatus | undefined): boolean {
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  if (!ended) return false;
  return shouldRestart(container, pod.spec, ended.exitCode) || ended.reason === "RestartingAllContainers";
}
