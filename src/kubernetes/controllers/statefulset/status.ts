// A StatefulSet's status: how many pods there are, well, and of which revision. Pure.

import type { Pod, StatefulSet, StatefulSetStatus } from "#kubernetes/api";
import { isPodAvailable, isPodReady } from "../pods/pod-state.ts";
import { ordinalOf, replicasOf } from "./ordinals.ts";
import { revisionOf } from "./stateful-pods.ts";

export interface StatusObserved {
  readonly pods: readonly Pod[];
  /** The names of the revisions. */
  readonly current: string;
  readonly update: string;
  readonly collisionCount: number;
  readonly nowMs: number;
}

export function planStatus(set: StatefulSet, observed: StatusObserved): StatefulSetStatus {
  const { pods, current, update, collisionCount, nowMs } = observed;
  const members = pods.filter((pod) => ordinalOf(pod) >= 0);
  const staying = members.filter((pod) => !pod.metadata.deletionTimestamp);
  const ready = members.filter((pod) => pod.status?.phase === "Running" && isPodReady(pod));
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  const available = ready.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length;
  const updated = staying.filter((pod) => revisionOf(pod) === update).length;
  const wished = replicasOf(set);
  const isRolling = set.spec?.updateStrategy?.type === "RollingUpdate";
  // All pods are of the new revision: that is the current one from now on.
  const isUpdated = isRolling && updated === wished && ready.length === wished && members.length === wished;
  const currentCount = isUpdated ? updated : staying.filter((pod) => revisionOf(pod) === current).length;
  const { generation } = set.metadata;
  const { conditions } = set.status ?? {};
  return {
    replicas: members.length,
    ...(generation && { observedGeneration: generation }),
    ...(ready.length > 0 && { readyReplicas: ready.length }),
    ...(currentCount > 0 && { currentReplicas: currentCount }),
    ...(updated > 0 && { updatedReplicas: updated }),
    currentRevision: isUpdated ? update : current,
    updateRevision: update,
    collisionCount,
    availableReplicas: available,
    ...(conditions && { conditions }),
  };
}
