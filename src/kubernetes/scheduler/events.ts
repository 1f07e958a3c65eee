// Changes in the cluster that may make a pod schedulable, and which of them a plug-in wants to hear of.

import type { KubeObject, Pod } from "#kubernetes/api";

export type EventResource =
  | "Pod"
  | "AssignedPod"
  | "UnschedulablePod"
  | "Node"
  | "PersistentVolume"
  | "PersistentVolumeClaim"
  | "storage.k8s.io/CSINode"
  | "storage.k8s.io/CSIDriver"
  | "storage.k8s.io/VolumeAttachment"
  | "storage.k8s.io/CSIStorageCapacity"
  | "storage.k8s.io/StorageClass"
  | "resource.k8s.io/ResourceClaim"
  | "resource.k8s.io/ResourceSlice"
  | "resource.k8s.io/DeviceClass"
  | "*";

/** "Update" is a change of which no more is known; a plug-in that asks for "Update" hears of every kind of update. */
export type EventAction =
  | "Add"
  | "Delete"
  | "Update"
  | "UpdateNodeAllocatable"
  | "UpdateNodeLabel"
  | "UpdateNodeTaint"
  | "UpdateNodeCondition"
  | "UpdateNodeAnnotation"
  | "UpdateNodeDeclaredFeature"
  | "UpdatePodLabel"
  | "UpdatePodScaleDown"
  | "UpdatePodToleration"
  | "UpdatePodSchedulingGatesEliminated"
  | "UpdatePodGeneratedResourceClaim"
  | "All";

export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: EventAction;
  /** As logs and metrics show it. */
  readonly label: string;
}

/** What a plug-in wants to hear of about pods it has rejected. */
export interface EventInterest<T extends KubeObject = KubeObject> {
  readonly resource: Exclude<EventResource, "AssignedPod" | "UnschedulablePod">;
  readonly actions: readonly EventAction[];
  /**
   * The queueing hint: whether this change may make the pod schedulable. `old` is absent of what was added, `now` of what was
   * deleted. Absent: every such change may. One that throws is taken to have said yes.
   */
  isWorthTrying?(pod: Pod, old: T | undefined, now: T | undefined): boolean;
}

export function clusterEvent(resource: EventResource, action: EventAction, label = resource + action): ClusterEvent {
  return { resource, action, label };
}

export const events = {
  assignedPodAdd: clusterEvent("AssignedPod", "Add"),
  assignedPodDelete: clusterEvent("AssignedPod", "Delete"),
  unscheduledPodAdd: clusterEvent("UnschedulablePod", "Add"),
  unscheduledPodUpdate: clusterEvent("UnschedulablePod", "Update"),
  unschedulableTimeout: clusterEvent("*", "All", "UnschedulableTimeout"),
  forceActivate: clusterEvent("*", "All", "ForceActivate"),
} as const;

export function isWildcard(event: ClusterEvent): boolean {
  return event.resource === "*" && event.action === "All";
}

/** Whether an event is one of those asked for. */
export function isOfInterest({ resource, actions }: EventInterest, event: ClusterEvent): boolean {
  return matchesResource(resource, event.resource) && actions.some((action) => matchesAction(action, event.action));
}

function matchesResource(wanted: EventResource, resource: EventResource): boolean {
  const isPod = resource === "AssignedPod" || resource === "UnschedulablePod";
  return wanted === "*" || wanted === resource || (wanted === "Pod" && isPod);
}

function matchesAction(wanted: EventAction, action: EventAction): boolean {
  return wanted === "All" || wanted === action || (wanted === "Update" && action.startsWith("Update"));
}
