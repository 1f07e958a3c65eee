// Brings what informers tell into the cache and the queue.

import { type KubeObject, type Node, type Pod, type Resource, resources } from "#kubernetes/api";
import type { InformerHandler, InformerSet } from "#kubernetes/client";
import type { ClusterCache } from "./cluster/cluster-cache.ts";
import type { Profile } from "./cycle/profile.ts";
import type { PodsInBinding } from "./cycle/waiting-pod.ts";
import { clusterEvent, type EventResource, events } from "./events.ts";
import { nodeChanges, podChanges } from "./queue/object-changes.ts";
import type { SchedulingQueue } from "./queue/scheduling-queue.ts";

export interface EventHandlerOptions {
  readonly cache: ClusterCache;
  readonly queue: SchedulingQueue;
  readonly podsInBinding: PodsInBinding;
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** A pod that has ended takes nothing any more; to the scheduler it is gone. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Resources other than pods and nodes that events are about. */
const eventResources: Readonly<Partial<Record<EventResource, Resource<KubeObject>>>> = {
  PersistentVolume: resources.persistentVolumes,
  PersistentVolumeClaim: resources.persistentVolumeClaims,
  "storage.k8s.io/CSINode": resources.csiNodes,
  "storage.k8s.io/CSIDriver": resources.csiDrivers,
  "storage.k8s.io/VolumeAttachment": resources.volumeAttachments,
  "storage.k8s.io/CSIStorageCapacity": resources.csiStorageCapacities,
  "storage.k8s.io/StorageClass": resources.storageClasses,
  "resource.k8s.io/ResourceClaim": resources.resourceClaims,
  "resource.k8s.io/ResourceSlice": resources.resourceSlices,
  "resource.k8s.io/DeviceClass": resources.deviceClasses,
};

/** Attaches to the informers of pods, nodes and all that plug-ins want to hear of. The answer detaches. */
export function attachHandlers(informers: InformerSet, options: EventHandlerOptions): () => void {
  const detach = [
    informers.informer(resources.nodes).addHandler(nodeHandler(options)),
    informers.informer(resources.pods).addHandler(podHandler(options)),
  ];
  for (const name of resourcesOfInterest(options.profiles)) {
    const resource = eventResources[name];
    if (resource) detach.push(informers.informer(resource).addHandler(objectHandler(name, options.queue)));
  }
  return () => {
    for (const one of detach) one();
  };
}

function resourcesOfInterest(profiles: ReadonlyMap<string, Profile>): Set<EventResource> {
  const interests = [...profiles.values()].flatMap((profile) => profile.interests.flatMap((of) => of.interests));
  const names = new Set<EventResource>(interests.map(({ resource }) => resource));
  return names.has("*") ? new Set(Object.keys(eventResources) as EventResource[]) : names;
}

function objectHandler(resource: EventResource, queue: SchedulingQueue): InformerHandler<KubeObject> {
  const [add, update, remove] = (["Add", "Update", "Delete"] as const).map((action) => clusterEvent(resource, action));
  return {
    added: (object) => queue.moveAll(add!, undefined, object),
    updated: (object, old) => queue.moveAll(update!, old, object),
    deleted: (object) => queue.moveAll(remove!, object, undefined),
  };
}

function nodeHandler({ cache, queue }: EventHandlerOptions): InformerHandler<Node> {
  const add = clusterEvent("Node", "Add");
  const remove = clusterEvent("Node", "Delete");
  return {
    added(node) {
      cache.putNode(node);
      queue.moveAll(add, undefined, node);
    },
    updated(node, old) {
      cache.putNode(node);
      for (const event of nodeChanges(old, node)) queue.moveAll(event, old, node);
    },
    deleted(node) {
      cache.removeNode(node.metadata.name ?? "");
      queue.moveAll(remove, node, undefined);
    },
  };
}

function podHandler(options: EventHandlerOptions): InformerHandler<Pod> {
  const { queue, profiles } = options;
  const isOurs = (pod: Pod) => profiles.has(pod.spec?.schedulerName ?? "");
  const added = (pod: Pod) => {
    if (hasEnded(pod)) return;
    if (pod.spec?.nodeName) addAssigned(pod, options);
    else if (isOurs(pod)) queue.add(pod);
  };
  const deleted = (pod: Pod) => {
    if (hasEnded(pod)) return;
    if (pod.spec?.nodeName) deleteAssigned(pod, options);
    else if (isOurs(pod)) deletePending(pod, options);
  };
  return {
    added,
    deleted,
    updated(pod, old) {
      if (hasEnded(old)) added(pod);
      else if (hasEnded(pod)) deleted(old);
      else if (old.spec?.nodeName) updateAssigned(old, pod, options);
      else if (pod.spec?.nodeName) {
        addAssigned(pod, options);
        queue.delete(pod.metadata.uid ?? "");
      } else if (isOurs(old)) updatePending(old, pod, options);
    },
  };
}

function addAssigned(pod: Pod, { cache, queue }: EventHandlerOptions): void {
  cache.putPod(pod);
  queue.moveAll(events.assignedPodAdd, undefined, pod);
}

function updateAssigned(old: Pod, pod: Pod, { cache, queue }: EventHandlerOptions): void {
  cache.putPod(pod);
  for (const event of podChanges(old, pod)) queue.moveAll(event, old, pod);
}

function deleteAssigned(pod: Pod, { cache, queue }: EventHandlerOptions): void {
  cache.removePod(pod.metadata.uid ?? "");
  queue.moveAll(events.assignedPodDelete, pod, undefined);
}

function updatePending(old: Pod, pod: Pod, options: EventHandlerOptions): void {
  const { cache, queue } = options;
  if (cache.isAssumed(pod.metadata.uid ?? "")) {
    const isNewlyDeleted = pod.metadata.deletionTimestamp !== undefined && old.metadata.deletionTimestamp === undefined;
    if (isNewlyDeleted) dropAssumed(pod, options);
    return;
  }
  queue.update(old, pod);
  const { nominatedNodeName } = old.status ?? {};
  if (nominatedNodeName && nominatedNodeName !== pod.status?.nominatedNodeName) freeNominated(old, queue);
}

function deletePending(pod: Pod, options: EventHandlerOptions): void {
  const { cache, queue } = options;
  const { uid = "" } = pod.metadata;
  queue.delete(uid);
  if (cache.isAssumed(uid)) dropAssumed(pod, options);
  else if (pod.status?.nominatedNodeName) freeNominated(pod, queue);
}

/** A pod on its way to be bound is being deleted: its room is free, and if a plug-in holds it back it need not wait. */
function dropAssumed(pod: Pod, { cache, queue, podsInBinding }: EventHandlerOptions): void {
  const { uid = "" } = pod.metadata;
  const assumed = cache.placementOf(uid)?.info.pod ?? pod;
  if (!podsInBinding.get(uid)?.reject("", "removed")) cache.forget(uid);
  queue.moveAll(events.assignedPodDelete, assumed, undefined);
}

/** Room that was kept for a pod is free for those as important as it, or less. */
function freeNominated(pod: Pod, queue: SchedulingQueue): void {
  const most = pod.spec?.priority ?? 0;
  queue.moveAll(events.assignedPodDelete, pod, undefined, ({ priority }) => priority <= most);
}
