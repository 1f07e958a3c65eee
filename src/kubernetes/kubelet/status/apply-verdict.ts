// A probe's verdict, put into a status at once: without waiting for the pod's worker, which may be busy for long. Pure.

import type { ContainerStatus, PodStatus } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";
import { containersReady, kubeletConditions, ready } from "./conditions.ts";
import type { PodPhase } from "./phase.ts";

/** The status with that container ready or not, and what follows for the pod; undefined where nothing changes. */
export function applyReadiness(
  pod: BoundPod,
  status: PodStatus,
  containerId: string,
  isReady: boolean,
): PodStatus | undefined {
  return applyTo(pod, status, containerId, (each) => (each.ready === isReady ? each : { ...each, ready: isReady }));
}

/** The same for a startup probe. */
export function applyStartup(
  pod: BoundPod,
  status: PodStatus,
  containerId: string,
  started: boolean,
): PodStatus | undefined {
  return applyTo(pod, status, containerId, (each) => (each.started === started ? each : { ...each, started }));
}

function applyTo(
  pod: BoundPod,
  status: PodStatus,
  containerId: string,
  change: (status: ContainerStatus) => ContainerStatus,
): PodStatus | undefined {
  let changed = false;
  const apply = (list: readonly ContainerStatus[] | undefined) =>
    list?.map((each) => {
      if (!each.containerID?.endsWith(`//${containerId}`)) return each;
      const next = change(each);
      changed ||= next !== each;
      return next;
    });
  const statuses = apply(status.containerStatuses) ?? [];
  const initStatuses = apply(status.initContainerStatuses);
  if (!changed) return undefined;
  const next: PodStatus = {
    ...status,
    containerStatuses: statuses,
    ...(initStatuses && { initContainerStatuses: initStatuses }),
  };
  return { ...next, conditions: readinessConditions(pod, next) };
}

function readinessConditions(pod: BoundPod, status: PodStatus): NonNullable<PodStatus["conditions"]> {
  const { conditions = [], containerStatuses: statuses = [], initContainerStatuses: initStatuses = [] } = status;
  const foreign = conditions.filter(({ type }) => !kubeletConditions.has(type));
  const phase = (status.phase ?? "Pending") as PodPhase;
  const isReady = containersReady({ pod, phase, statuses, initStatuses });
  return conditions.map((condition) => {
    const verdict =
      condition.type === "Ready"
        ? ready({ pod, foreign }, isReady)
        : condition.type === "ContainersReady"
          ? isReady
          : undefined;
    if (!verdict) return condition;
    const { reason: _reason, message: _message, ...rest } = condition;
    return { ...rest, ...verdict };
  });
}
