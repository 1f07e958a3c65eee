// Which changes may help a pod whose volumes no node had.

import {
  type CSIDriver,
  type CSINode,
  type CSIStorageCapacity,
  equalJson,
  type KubeObject,
  type PersistentVolumeClaim,
  type StorageClass,
} from "#kubernetes/api";
import type { EventInterest } from "../../events.ts";
import { usesClaim, volumesOf } from "../volumes/claims.ts";
import { volumeLimit } from "./provisioning.ts";

const classChanged: EventInterest<StorageClass> = {
  resource: "storage.k8s.io/StorageClass",
  actions: ["Add", "Update"],
  isWorthTrying: (_pod, old, now) => !old || !equalJson(old.allowedTopologies ?? [], now?.allowedTopologies ?? []),
};

const claimChanged: EventInterest<PersistentVolumeClaim> = {
  resource: "PersistentVolumeClaim",
  actions: ["Add", "Update"],
  isWorthTrying: (pod, _old, now) => now !== undefined && usesClaim(pod, now.metadata),
};

const migratedPlugins = "storage.alpha.kubernetes.io/migrated-plugins";

const csiNodeChanged: EventInterest<CSINode> = {
  resource: "storage.k8s.io/CSINode",
  actions: ["Add", "Update"],
  isWorthTrying: (_pod, old, now) =>
    !old || old.metadata.annotations?.[migratedPlugins] !== now?.metadata.annotations?.[migratedPlugins],
};

/** A driver that no longer tells of its capacity is taken to have enough. */
const driverChanged: EventInterest<CSIDriver> = {
  resource: "storage.k8s.io/CSIDriver",
  actions: ["Update"],
  isWorthTrying(pod, old, now) {
    const isFreed = old?.spec.storageCapacity === true && now?.spec.storageCapacity !== true;
    return isFreed && volumesOf(pod).some(({ csi }) => csi?.driver === now?.metadata.name);
  },
};

const capacityGrown: EventInterest<CSIStorageCapacity> = {
  resource: "storage.k8s.io/CSIStorageCapacity",
  actions: ["Add", "Update"],
  isWorthTrying(_pod, old, now) {
    if (!old) return true;
    const limit = now && volumeLimit(now);
    return limit !== undefined && limit > (volumeLimit(old) ?? Number.NEGATIVE_INFINITY);
  },
};

export const volumeHints: readonly EventInterest<KubeObject>[] = [
  classChanged as EventInterest,
  claimChanged as EventInterest,
  { resource: "PersistentVolume", actions: ["Add", "Update"] },
  { resource: "Node", actions: ["Add", "UpdateNodeLabel"] },
  csiNodeChanged as EventInterest,
  driverChanged as EventInterest,
  capacityGrown as EventInterest,
];
