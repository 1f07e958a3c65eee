// Which pods go first when there are too many: upstream's ActivePodsWithRanks.

import type { Pod } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { isPodActive, isPodReady, readySinceMs } from "./pod-state.ts";

const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

interface Ranked {
  readonly pod: Pod;
  readonly isAssigned: boolean;
  readonly phase: number;
  readonly isReady: boolean;
  readonly cost: number;
  readonly neighbours: number;
  readonly readySince: number | undefined;
  readonly restarts: number;
  readonly sidecarRestarts: number;
  readonly created: number | undefined;
}

/**
 * The pods, those to delete first at the beginning. `related` are all pods of the same application (of all ReplicaSets of a
 * Deployment, say): of two pods, the one that shares its node with more of them goes first.
 */
export function orderForDeletion(pods: readonly Pod[], related: readonly Pod[], nowMs: number): Pod[] {
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName ?? "";
    if (isPodActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => rank(pod, perNode.get(pod.spec?.nodeName ?? "") ?? 0));
  return ranked.sort((a, b) => compare(a, b, nowMs)).map(({ pod }) => pod);
}

/** The pods, those that are least far on at the beginning; of equals the youngest. Upstream's ActivePods. */
export function orderByProgress(pods: readonly Pod[]): Pod[] {
  const ranked = pods.map((pod) => ({ ...rank(pod, 0), cost: 0 }));
  return ranked.sort((a, b) => compare(a, b, undefined)).map(({ pod }) => pod);
}

function rank(pod: Pod, neighbours: number): Ranked {
  return {
    pod,
    isAssigned: !!pod.spec?.nodeName,
    phase: phaseOrder[pod.status?.phase ?? ""] ?? 0,
    isReady: isPodReady(pod),
    cost: deletionCost(pod),
    neighbours,
    readySince: readySinceMs(pod),
    ...countRestarts(pod),
    created: parseTime(pod.metadata.creationTimestamp),
  };
}

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Without a time, ages are compared as they are. */
function compare(a: Ranked, b: Ranked, nowMs: number | undefined): number {
  if (a.isAssigned !== b.isAssigned) return a.isAssigned ? 1 : -1;
  if (a.phase !== b.phase) return a.phase - b.phase;
  if (a.isReady !== b.isReady) return a.isReady ? 1 : -1;
  if (a.cost !== b.cost) return a.cost - b.cost;
  if (a.neighbours !== b.neighbours) return b.neighbours - a.neighbours;
  if (a.isReady && a.readySince !== b.readySince) return compareAges(a, b, [a.readySince, b.readySince], nowMs);
  if (a.restarts !== b.restarts) return b.restarts - a.restarts;
  if (a.sidecarRestarts !== b.sidecarRestarts) return b.sidecarRestarts - a.sidecarRestarts;
  if (a.created !== b.created) return compareAges(a, b, [a.created, b.created], nowMs);
  return 0;
}

/** Younger first, on a logarithmic scale: among pods of about the same age chance decides, so that old ones go too. */
function compareAges(
  a: Ranked,
  b: Ranked,
  [timeA, timeB]: readonly [number | undefined, number | undefined],
  nowMs: number | undefined,
): number {
  if (timeA === undefined || timeB === undefined) return timeA === undefined ? -1 : 1;
  if (nowMs === undefined) return timeB - timeA;
  const difference = logarithmicAge(timeA, nowMs) - logarithmicAge(timeB, nowMs);
  if (difference !== 0) return difference;
  return (a.pod.metadata.uid ?? "") < (b.pod.metadata.uid ?? "") ? -1 : 1;
}

function logarithmicAge(time: number, nowMs: number): number {
  const nanoseconds = (nowMs - time) * 1e6;
  return nanoseconds > 0 ? Math.floor(Math.log2(nanoseconds)) : -1;
}

/** A 32-bit integer written plainly; anything else counts as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCostAnnotation];
  if (text === undefined || !/^(0|-?[1-9]\d*)$/.test(text)) return 0;
  const cost = Number(text);
  return Math.abs(cost) < 2 ** 31 ? cost : 0;
}

function countRestarts({ spec, status }: Pod): { restarts: number; sidecarRestarts: number } {
  const sidecars = new Set(
    spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name),
  );
  let restarts = 0;
  let sidecarRestarts = 0;
  for (const { restartCount } of status?.containerStatuses ?? []) restarts = Math.max(restarts, restartCount);
  for (const { name, restartCount } of status?.initContainerStatuses ?? []) {
    if (sidecars.has(name)) sidecarRestarts = Math.max(sidecarRestarts, restartCount);
  }
  return { restarts, sidecarRestarts };
}
