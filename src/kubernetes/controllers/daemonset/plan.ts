// Where a DaemonSet lacks pods and where it has pods that must go; its rolling update; its status. Pure.

import { type DaemonSet, type DaemonSetStatus, type Node, type Pod, scaleIntOrPercent } from "#kubernetes/api";
import { isPodAvailable, isPodFinished, isPodReady } from "../pods/pod-state.ts";
import { compareDaemonPods, hashLabel, isPodUpdated, type Placement, targetNode } from "./daemon-pods.ts";

export interface DaemonView {
  readonly daemonSet: DaemonSet;
  readonly nodes: readonly Node[];
  readonly placementOf: (node: Node) => Placement;
  /** The pods it owns, by the node each is for. */
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** The hash of the present template. */
  readonly hash: string;
  readonly nowMs: number;
}

export interface DaemonPlan {
  /** The names of nodes that need a pod. */
  readonly createOn: readonly string[];
  readonly remove: readonly Pod[];
  /** Pods that have ended although daemons never should, and the nodes they were on. */
  readonly ended: readonly { readonly pod: Pod; readonly node: string }[];
}

/** Groups pods by node; those that have ended and are on their way out are nobody's business any more. */
export function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (isPodFinished(pod) && pod.metadata.deletionTimestamp) continue;
    const node = targetNode(pod);
    if (node === undefined) continue;
    const group = groups.get(node);
    if (group) group.push(pod);
    else groups.set(node, [pod]);
  }
  return groups;
}

/** `mayRemoveFailed` says whether a failed pod of a node may be deleted yet. */
export function planPods(view: DaemonView, mayRemoveFailed: (node: string) => boolean): DaemonPlan {
  const createOn: string[] = [];
  const remove: Pod[] = [];
  const ended: { pod: Pod; node: string }[] = [];
  for (const node of view.nodes) {
    const { name = "" } = node.metadata;
    const { shouldRun, shouldContinue } = view.placementOf(node);
    const pods = view.podsByNode.get(name);
    if (!pods) {
      if (shouldRun) createOn.push(name);
      continue;
    }
    const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
    if (!shouldContinue) {
      remove.push(...staying);
      continue;
    }
    const over = staying.filter(isPodFinished);
    for (const pod of over) {
      if (pod.status?.phase === "Failed" && !mayRemoveFailed(name)) continue;
      ended.push({ pod, node: name });
      remove.push(pod);
    }
    const running = staying.filter((pod) => !isPodFinished(pod)).sort(compareDaemonPods);
    if (!allowsSurge(view.daemonSet)) remove.push(...running.slice(1));
    else if (running.length > 1) remove.push(...excessWhileSurging(running, view));
    else if (running.length === 0 && shouldRun) createOn.push(name);
  }
  return { createOn, remove: [...remove, ...findLostPods(view)], ended };
}

/** Pods that wait for a node that is no more: nobody else would delete them. */
function findLostPods({ nodes, podsByNode }: DaemonView): Pod[] {
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  return [...podsByNode].flatMap(([name, pods]) => (names.has(name) ? [] : pods.filter(({ spec }) => !spec?.nodeName)));
}

/** One old and one new pod may be together, as long as the old is ready and the new not yet available. */
function excessWhileSurging(running: readonly Pod[], { daemonSet, hash, nowMs }: DaemonView): Pod[] {
  const isNew = (pod: Pod) => pod.metadata.labels?.[hashLabel] === hash;
  const newest = running.find(isNew);
  const old = running.find((pod) => !isNew(pod));
  const excess = running.filter((pod) => pod !== newest && pod !== old);
  if (!newest || !old) return excess;
  const isReplaced = isPodAvailable(newest, daemonSet.spec?.minReadySeconds ?? 0, nowMs);
  return !isPodReady(old) || isReplaced ? [...excess, old] : excess;
}

export function allowsSurge(daemonSet: DaemonSet): boolean {
  return surgeCount(daemonSet, 1) > 0;
}

export function surgeCount({ spec }: DaemonSet, desired: number): number {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  if (type !== "RollingUpdate" || rollingUpdate?.maxSurge === undefined) return 0;
  return scaleIntOrPercent(rollingUpdate.maxSurge, desired, true);
}

export function unavailableCount({ spec }: DaemonSet, desired: number): number {
  const { type, rollingUpdate } = spec?.updateStrategy ?? {};
  if (type !== "RollingUpdate" || rollingUpdate?.maxUnavailable === undefined) return 0;
  return scaleIntOrPercent(rollingUpdate.maxUnavailable, desired, true);
}

export function planStatus(view: DaemonView): DaemonSetStatus {
  const { daemonSet, nodes, placementOf, podsByNode, hash, nowMs } = view;
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const pods = podsByNode.get(node.metadata.name ?? "") ?? [];
    if (!placementOf(node).shouldRun) {
      if (pods.length > 0) counts.misscheduled++;
      continue;
    }
    counts.desired++;
    const oldest = pods.toSorted(compareDaemonPods)[0];
    if (!oldest) continue;
    counts.current++;
    if (isPodReady(oldest)) counts.ready++;
    if (isPodAvailable(oldest, daemonSet.spec?.minReadySeconds ?? 0, nowMs)) counts.available++;
    if (isPodUpdated(oldest, daemonSet, hash)) counts.updated++;
  }
  const { collisionCount, conditions } = daemonSet.status ?? {};
  const unavailable = counts.desired - counts.available;
  const { generation } = daemonSet.metadata;
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    ...(generation && { observedGeneration: generation }),
    ...(counts.updated > 0 && { updatedNumberScheduled: counts.updated }),
    ...(counts.available > 0 && { numberAvailable: counts.available }),
    ...(unavailable > 0 && { numberUnavailable: unavailable }),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(conditions && { conditions }),
  };
}
