// Replaces a DaemonSet's old pods by new ones, node by node: by deleting first, or, with surge, by creating first. Pure.

import type { Node, Pod } from "#kubernetes/api";
import { isPodAvailable } from "../pods/pod-state.ts";
import { isPodUpdated } from "./daemon-pods.ts";
import { type DaemonView, surgeCount, unavailableCount } from "./plan.ts";

export interface UpdatePlan {
  readonly createOn: readonly string[];
  readonly remove: readonly Pod[];
}

interface NodePods {
  readonly name: string;
  /** Undefined while the node has more than one pod of a kind: that is put right first. */
  readonly pair: { readonly newPod: Pod | undefined; readonly oldPod: Pod | undefined } | undefined;
}

/** Every pod of the set is in order by now: at most one on each node, or two while surging. */
export function planRollingUpdate(view: DaemonView): UpdatePlan {
  const wanted = view.nodes.filter((node) => view.placementOf(node).shouldRun);
  const desired = wanted.length;
  const surge = surgeCount(view.daemonSet, desired);
  const unavailable = unavailableCount(view.daemonSet, desired);
  const places = listPlaces(view, wanted);
  if (surge > 0) return planBySurge(view, places, { surge, desired });
  // Both 0 would mean never.
  return planByDeleting(view, places, unavailable === 0 && desired > 0 ? 1 : unavailable);
}

/** The nodes with pods, and those without that should have one. */
function listPlaces(view: DaemonView, wanted: readonly Node[]): NodePods[] {
  const names = new Set([...view.podsByNode.keys(), ...wanted.map(({ metadata }) => metadata.name ?? "")]);
  return [...names].map((name) => ({ name, pair: findPair(view.podsByNode.get(name) ?? [], view) }));
}

function findPair(pods: readonly Pod[], { daemonSet, hash }: DaemonView): NodePods["pair"] {
  const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const updated = staying.filter((pod) => isPodUpdated(pod, daemonSet, hash));
  const outdated = staying.filter((pod) => !updated.includes(pod));
  if (updated.length > 1 || outdated.length > 1) return undefined;
  return { newPod: updated[0], oldPod: outdated[0] };
}

function planByDeleting(view: DaemonView, places: readonly NodePods[], mostUnavailable: number): UpdatePlan {
  const isAvailable = availability(view);
  const replaceable: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const { pair } of places) {
    if (pair?.oldPod && !pair.newPod) {
      if (isAvailable(pair.oldPod)) candidates.push(pair.oldPod);
      else replaceable.push(pair.oldPod);
      if (!isAvailable(pair.oldPod)) unavailable++;
    } else if (!pair?.newPod || pair.oldPod || !isAvailable(pair.newPod)) {
      unavailable++;
    }
  }
  const room = Math.max(0, mostUnavailable - unavailable);
  return { createOn: [], remove: [...replaceable, ...candidates.slice(0, room)] };
}

function planBySurge(
  view: DaemonView,
  places: readonly NodePods[],
  { surge, desired }: { surge: number; desired: number },
): UpdatePlan {
  const isAvailable = availability(view);
  const nodes = new Map(view.nodes.map((node) => [node.metadata.name, node]));
  const shouldRunOn = (name: string) => {
    const node = nodes.get(name);
    return node !== undefined && view.placementOf(node).shouldRun;
  };
  const remove: Pod[] = [];
  const unwanted: Pod[] = [];
  const replaceOn: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  let available = 0;
  for (const { name, pair } of places) {
    if (!pair) {
      surging++;
      continue;
    }
    const { newPod, oldPod } = pair;
    const counted = oldPod ?? newPod;
    if (counted && isAvailable(counted)) available++;
    if (!oldPod) continue;
    if (newPod) {
      if (isAvailable(newPod)) remove.push(oldPod);
      else surging++;
    } else if (isAvailable(oldPod)) {
      if (shouldRunOn(name)) candidates.push(name);
      else unwanted.push(oldPod);
    } else if (shouldRunOn(name)) {
      replaceOn.push(name);
    } else {
      remove.push(oldPod);
    }
  }
  // Pods on nodes that are no longer wanted stay until others make up for them.
  remove.push(...unwanted.slice(0, Math.max(0, available - desired)));
  return { createOn: [...replaceOn, ...candidates.slice(0, Math.max(0, surge - surging))], remove };
}

function availability({ daemonSet, nowMs }: DaemonView): (pod: Pod) => boolean {
  return (pod) => isPodAvailable(pod, daemonSet.spec?.minReadySeconds ?? 0, nowMs);
}
