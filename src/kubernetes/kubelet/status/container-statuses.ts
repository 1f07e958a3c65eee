// From what the runtime has to what the API shows of each container: state, last state, restarts, resources. Pure.

import type { Container, ContainerState, ContainerStatus, PodStatus, VolumeMountStatus } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { hasAnyRegularContainer, shouldStart, succeeded } from "../plan/should-run.ts";
import { type BoundPod, isSidecar, isTerminalPhase } from "../pod/bound-pod.ts";
import { findObserved, type ObservedContainer, type ObservedPod } from "../runtime/observed.ts";
import type { StartError } from "../runtime/sync-error.ts";
import { statusResources } from "./status-resources.ts";

export interface StatusInputs {
  readonly pod: BoundPod;
  readonly observed: ObservedPod;
  /** The status as last made, or as the API server had it when this process began. */
  readonly old: PodStatus;
  /** Why a container could not be started when last tried. */
  reasonOf(containerName: string): Pick<StartError, "reason" | "message"> | undefined;
  /** A container's rule restarts all of them in place. */
  readonly restartingAll: boolean;
  /** The runtime can make mounts read-only all the way down. */
  readonly supportsRecursiveReadOnly: boolean;
}

export type StatusKind = "init" | "regular" | "ephemeral";

/** The statuses of the pod's containers of one kind, in upstream's order: init ones as in the spec, others by name. */
export function containerStatuses(inputs: StatusInputs, kind: StatusKind): ContainerStatus[] {
  const { containers, old } = ofKind(inputs, kind);
  const isOver = isTerminalPhase(inputs.pod.status.phase);
  const statuses = containers.flatMap((container) => {
    const previous = old.find(({ name }) => name === container.name);
    const runs = inputs.observed.containers.filter(({ name }) => name === container.name);
    // A pod that was refused had none, and gets none when it is looked at again.
    if (isOver && runs.length === 0 && !previous) return [];
    const status =
      runs.length > 0 ? fromRuns(inputs, container, runs, previous) : withoutRuns(inputs, container, previous);
    return explainWaiting(inputs, container, kind, status);
  });
  return kind === "init" ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function ofKind({ pod, old }: StatusInputs, kind: StatusKind) {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  if (kind === "init") return { containers: initContainers, old: old.initContainerStatuses ?? [] };
  if (kind === "regular") return { containers, old: old.containerStatuses ?? [] };
  return { containers: ephemeralContainers as Container[], old: old.ephemeralContainerStatuses ?? [] };
}

/** The newest run is its state, the one before that its last state. */
function fromRuns(
  inputs: StatusInputs,
  container: Container,
  [newest, before]: readonly ObservedContainer[],
  previous: ContainerStatus | undefined,
): ContainerStatus {
  const run = newest!;
  const { state, restartCount } = stateOf(run, previous);
  const ended = before && stateOf(before, undefined).state;
  const lastState = ended ?? lastStateOf(run, previous);
  const keepsStarted = run.state === "running" && previous?.started !== undefined;
  return {
    name: container.name,
    state,
    lastState,
    ready: false,
    restartCount: Math.max(restartCount, previous?.restartCount ?? 0),
    image: run.image,
    imageID: run.imageRef,
    containerID: run.containerID,
    ...(keepsStarted && previous?.containerID === run.containerID && { started: previous.started! }),
    ...statusResources(container, run, previous),
    ...(run.user && { user: { linux: { ...run.user, supplementalGroups: [...run.user.supplementalGroups] } } }),
    ...mountStatuses(container, inputs.supportsRecursiveReadOnly, previous),
  };
}

function stateOf(
  run: ObservedContainer,
  previous: ContainerStatus | undefined,
): { state: ContainerState; restartCount: number } {
  const { restartCount } = run;
  const startedAt = run.startedAt === undefined ? {} : { startedAt: formatTime(run.startedAt) };
  switch (run.state) {
    case "running": {
      // It was removed and made again: the runtime does not know that it ran before.
      const again = previous?.state?.terminated && previous.restartCount >= restartCount;
      return { state: { running: startedAt }, restartCount: again ? previous.restartCount + 1 : restartCount };
    }
    case "exited":
      return { state: { terminated: terminatedState(run, startedAt) }, restartCount };
    case "unknown":
      if (!previous?.state?.running) return { state: { waiting: {} }, restartCount };
      return { state: { terminated: lostContainer("terminated") }, restartCount: previous.restartCount + 1 };
    default:
      return { state: { waiting: {} }, restartCount };
  }
}

function terminatedState(run: ObservedContainer, startedAt: { startedAt?: string }) {
  return {
    exitCode: run.exitCode,
    ...(run.reason && { reason: run.reason }),
    ...(run.message && { message: run.message }),
    ...startedAt,
    ...(run.finishedAt !== undefined && { finishedAt: formatTime(run.finishedAt) }),
    containerID: run.containerID,
  };
}

function lostContainer(when: "terminated" | "deleted"): NonNullable<ContainerState["terminated"]> {
  const words = when === "deleted" ? "  The container used to be Running" : "";
  return {
    reason: "ContainerStatusUnknown",
    message: `The container could not be located when the pod was ${when}${words && `.${words}`}`,
    exitCode: 137,
  };
}

function lastStateOf(run: ObservedContainer, previous: ContainerStatus | undefined): ContainerState {
  if (!previous) return {};
  const ended = previous.containerID !== run.containerID ? previous.state?.terminated : undefined;
  const terminated = ended ?? previous.lastState?.terminated;
  return terminated ? { terminated } : {};
}

/** The runtime has nothing of it: never made, or gone. */
function withoutRuns(
  inputs: StatusInputs,
  container: Container,
  previous: ContainerStatus | undefined,
): ContainerStatus {
  const { pod, restartingAll } = inputs;
  const hasInit = (pod.spec.initContainers?.length ?? 0) > 0;
  if (previous?.state?.terminated && !restartingAll) return previous;
  const waiting: ContainerStatus = {
    name: container.name,
    state: { waiting: { reason: hasInit ? "PodInitializing" : "ContainerCreating" } },
    lastState: previous?.lastState ?? {},
    ready: false,
    restartCount: previous?.restartCount ?? 0,
    image: container.image ?? "",
    imageID: "",
    ...mountStatuses(container, inputs.supportsRecursiveReadOnly, previous),
  };
  if (!previous) return waiting;
  if (restartingAll && !previous.state?.waiting) return removedByRestart(waiting, previous);
  if (!previous.state?.running || waiting.lastState?.terminated) return waiting;
  const isDeleted = pod.metadata.deletionTimestamp !== undefined;
  return {
    ...waiting,
    lastState: { terminated: lostContainer("deleted") },
    restartCount: waiting.restartCount + (isDeleted ? 0 : 1),
  };
}

function removedByRestart(waiting: ContainerStatus, previous: ContainerStatus): ContainerStatus {
  const reason = "RestartingAllContainers";
  const message = "The container is removed because RestartAllContainers in place";
  return {
    ...waiting,
    state: { waiting: { reason, message } },
    lastState: { terminated: { reason, message, exitCode: 137 } },
    restartCount: previous.restartCount + 1,
  };
}

/** A container that should run and does not: why, by the last try to start it. */
function explainWaiting(
  inputs: StatusInputs,
  container: Container,
  kind: StatusKind,
  status: ContainerStatus,
): ContainerStatus {
  const { pod, observed } = inputs;
  const found = findObserved(observed, container.name);
  if (kind === "init") {
    if (succeeded(found)) return status;
    const isOver = !found && !isSidecar(container) && hasAnyRegularContainer(pod, observed);
    if (isOver && status.state?.waiting) return { ...status, state: { terminated: forgottenInit } };
  }
  if (!shouldStart(container, pod, observed)) return status;
  const why = inputs.reasonOf(container.name);
  if (!why) return status;
  return {
    ...status,
    ...(status.state?.terminated && { lastState: status.state }),
    state: { waiting: { reason: why.reason, ...(why.message && { message: why.message }) } },
  };
}

const forgottenInit = {
  reason: "Completed",
  message:
    "Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally",
  exitCode: 0,
};

function mountStatuses(
  container: Container,
  supportsRecursiveReadOnly: boolean,
  previous: ContainerStatus | undefined,
): { volumeMounts?: VolumeMountStatus[] } {
  if (previous?.volumeMounts) return { volumeMounts: previous.volumeMounts };
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly, recursiveReadOnly }) => {
    if (!readOnly) return { name, mountPath };
    const wanted = recursiveReadOnly === "Enabled" || recursiveReadOnly === "IfPossible";
    const mode = wanted && supportsRecursiveReadOnly ? "Enabled" : "Disabled";
    return { name, mountPath, readOnly, recursiveReadOnly: mode };
  });
  return mounts.length > 0 ? { volumeMounts: mounts } : {};
}
