// What has changed between two states of a pod or a node, as far as scheduling goes.

import { equalJson, equalResources, type Node, type Pod } from "#kubernetes/api";
import { equalLabels } from "../cluster/pod-info.ts";
import { podRequests } from "../cluster/pod-requests.ts";
import { type ClusterEvent, clusterEvent, type EventAction, events } from "../events.ts";

/** Never empty: where nothing in particular has changed, the pod was updated. */
export function podChanges(old: Pod, now: Pod): readonly ClusterEvent[] {
  const isAssigned = Boolean(now.spec?.nodeName);
  const actions = podActions(old, now);
  if (actions.length === 0) return isAssigned ? assignedPodUpdate : unscheduledPodUpdate;
  return actions.map((action) => clusterEvent(isAssigned ? "AssignedPod" : "UnschedulablePod", action));
}

const assignedPodUpdate: readonly ClusterEvent[] = [clusterEvent("AssignedPod", "Update")];
const unscheduledPodUpdate: readonly ClusterEvent[] = [events.unscheduledPodUpdate];

function podActions(old: Pod, now: Pod): EventAction[] {
  const actions: EventAction[] = [];
  if (!equalLabels(old.metadata.labels, now.metadata.labels)) actions.push("UpdatePodLabel");
  if (asksForLess(old, now)) actions.push("UpdatePodScaleDown");
  const gates = (pod: Pod) => pod.spec?.schedulingGates?.length ?? 0;
  if (gates(now) === 0 && gates(old) !== 0) actions.push("UpdatePodSchedulingGatesEliminated");
  const tolerations = (pod: Pod) => pod.spec?.tolerations?.length ?? 0;
  if (tolerations(old) !== tolerations(now)) actions.push("UpdatePodToleration");
  if (!hasSameClaims(old, now)) actions.push("UpdatePodGeneratedResourceClaim");
  return actions;
}

function asksForLess(old: Pod, now: Pod): boolean {
  if (old.spec === now.spec && old.status?.containerStatuses === now.status?.containerStatuses) return false;
  const before = podRequests(old, { useStatus: true });
  const after = podRequests(now, { useStatus: true });
  return before.entries().some(([name, amount]) => amount > (after.get(name) ?? -1));
}

function hasSameClaims({ status: old }: Pod, { status: now }: Pod): boolean {
  const isSame = (a: unknown, b: unknown) => a === b || equalJson(a ?? null, b ?? null);
  return (
    isSame(old?.resourceClaimStatuses, now?.resourceClaimStatuses) &&
    isSame(old?.extendedResourceClaimStatus, now?.extendedResourceClaimStatus)
  );
}

export function nodeChanges(old: Node, now: Node): ClusterEvent[] {
  return nodeActions(old, now).map((action) => clusterEvent("Node", action));
}

function nodeActions(old: Node, now: Node): EventAction[] {
  const actions: EventAction[] = [];
  if (old.spec?.unschedulable && !now.spec?.unschedulable) actions.push("UpdateNodeTaint");
  const { allocatable: before = {} } = old.status ?? {};
  const { allocatable: after = {} } = now.status ?? {};
  if (before !== after && !equalResources(before, after)) actions.push("UpdateNodeAllocatable");
  if (!equalLabels(old.metadata.labels, now.metadata.labels)) actions.push("UpdateNodeLabel");
  if (!isSame(old.spec?.taints, now.spec?.taints)) actions.push("UpdateNodeTaint");
  if (!isSame(conditionsOf(old), conditionsOf(now))) actions.push("UpdateNodeCondition");
  if (!equalLabels(old.metadata.annotations, now.metadata.annotations)) actions.push("UpdateNodeAnnotation");
  if (!isSame(old.status?.declaredFeatures, now.status?.declaredFeatures)) actions.push("UpdateNodeDeclaredFeature");
  return actions;
}

function conditionsOf({ status }: Node): Record<string, string> {
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition.status]));
}

/** Absent and empty are the same. */
function isSame(a: object | undefined, b: object | undefined): boolean {
  if (a === b) return true;
  const isEmpty = (value: object | undefined) => value === undefined || Object.keys(value).length === 0;
  return isEmpty(a) || isEmpty(b) ? isEmpty(a) && isEmpty(b) : equalJson(a, b);
}
