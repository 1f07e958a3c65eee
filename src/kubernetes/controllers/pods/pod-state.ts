// What a pod's status means to its controllers: ready, available, active, terminating.

import type { Pod, PodCondition } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

/** Since when the pod is ready; undefined where it is not, or does not say. */
export function readySinceMs(pod: Pod): number | undefined {
  const condition = podCondition(pod, "Ready");
  return condition?.status === "True" ? parseTime(condition.lastTransitionTime) : undefined;
}

/** Ready for at least so long. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = readySinceMs(pod);
  return since !== undefined && since + minReadySeconds * 1000 <= nowMs;
}

/** The time until the first ready pod among these becomes available; undefined where none is on its way. */
export function msUntilNextAvailable(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  let soonest: number | undefined;
  for (const pod of pods) {
    const since = readySinceMs(pod);
    if (since === undefined) continue;
    const left = since + minReadySeconds * 1000 - nowMs;
    if (left > 0 && (soonest === undefined || left < soonest)) soonest = left;
  }
  return soonest;
}

export function isPodFinished(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Neither finished nor on its way out. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** On its way out, but not finished. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
}
