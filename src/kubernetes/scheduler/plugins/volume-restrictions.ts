// VolumeRestrictions: disks that two pods of a node cannot share, and claims that one pod alone may use.

import { type PersistentVolumeClaim, type Pod, resources, type Volume } from "#kubernetes/api";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { EventInterest } from "../events.ts";
import type { Plugin, PluginHandle } from "../framework.ts";
import { skip, success, unresolvable, unschedulable } from "../status.ts";
import { notFoundMessage, usesClaim, volumesOf } from "./volumes/claims.ts";

const name = "VolumeRestrictions";
const diskConflict = unschedulable(name, "node(s) had no available disk");
const claimConflict = unschedulable(
  name,
  "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
);

interface RestrictionState {
  /** The pod's volumes that others may conflict with. */
  readonly disks: readonly Volume[];
  /** The claims the pod must have for itself ("namespace/name"), and how often other pods use them. */
  readonly exclusiveClaims: ReadonlySet<string>;
  conflicts: number;
}

export function createVolumeRestrictions(
  _args: object,
  { informers }: Pick<PluginHandle, "informers">,
): Plugin<RestrictionState> {
  const claims = informers.informer(resources.persistentVolumeClaims);
  return {
    name,
    events: [podDeleted, { resource: "Node", actions: ["Add"] }, claimAdded],
    preFilter({ pod, namespace }, snapshot) {
      const volumes = volumesOf(pod);
      if (volumes.length === 0) return skip;
      const exclusiveClaims = new Set<string>();
      for (const { persistentVolumeClaim } of volumes) {
        if (!persistentVolumeClaim) continue;
        const { claimName } = persistentVolumeClaim;
        const claim = claims.get({ namespace, name: claimName });
        if (!claim) return unresolvable(name, notFoundMessage("persistentvolumeclaim", claimName));
        if (claim.spec?.accessModes?.includes("ReadWriteOncePod")) exclusiveClaims.add(`${namespace}/${claimName}`);
      }
      const disks = volumes.filter(isRestricted);
      const conflicts = [...exclusiveClaims].filter((key) => snapshot.isClaimUsed(key)).length;
      if (disks.length === 0 && conflicts === 0) return skip;
      return { code: "Success", state: { disks, exclusiveClaims, conflicts } };
    },
    copyState: (state) => ({ ...state }),
    addPod(state, _pod, other) {
      state.conflicts += usesOf(other, state);
    },
    removePod(state, _pod, other) {
      state.conflicts -= usesOf(other, state);
    },
    filter({ disks, conflicts }, _pod, node) {
      if (disks.length > 0 && node.pods.some(({ pod }) => conflictsWith(disks, pod))) return diskConflict;
      return conflicts > 0 ? claimConflict : success;
    },
  };
}

function usesOf({ claimKeys }: PodInfo, { exclusiveClaims }: RestrictionState): number {
  return claimKeys.filter((key) => exclusiveClaims.has(key)).length;
}

function isRestricted({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Volume): boolean {
  return Boolean(gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi);
}

function conflictsWith(disks: readonly Volume[], pod: Pod): boolean {
  return volumesOf(pod).some((other) => disks.some((disk) => areSameDisk(disk, other)));
}

/** Whether both are the same disk and may not both be used; most may be where both only read. */
function areSameDisk(a: Volume, b: Volume): boolean {
  const bothOnlyRead = (one: { readOnly?: boolean }, other: { readOnly?: boolean }) => one.readOnly && other.readOnly;
  const gce = a.gcePersistentDisk && b.gcePersistentDisk;
  if (gce && gce.pdName === a.gcePersistentDisk!.pdName && !bothOnlyRead(gce, a.gcePersistentDisk!)) return true;
  const aws = a.awsElasticBlockStore && b.awsElasticBlockStore;
  if (aws && aws.volumeID === a.awsElasticBlockStore!.volumeID) return true;
  const iscsi = a.iscsi && b.iscsi;
  if (iscsi && iscsi.iqn === a.iscsi!.iqn && !bothOnlyRead(iscsi, a.iscsi!)) return true;
  const rbd = a.rbd && b.rbd;
  if (!rbd || bothOnlyRead(rbd, a.rbd!)) return false;
  const { monitors, pool, image } = a.rbd!;
  return rbd.pool === pool && rbd.image === image && rbd.monitors.some((one) => monitors.includes(one));
}

const podDeleted: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["Delete"],
  isWorthTrying(pod, old) {
    if (!old || old.metadata.namespace !== pod.metadata.namespace) return false;
    if (conflictsWith(volumesOf(pod).filter(isRestricted), old)) return true;
    const freed = new Set(
      volumesOf(old).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []),
    );
    return volumesOf(pod).some(({ persistentVolumeClaim: claim }) => claim && freed.has(claim.claimName));
  },
};

const claimAdded: EventInterest<PersistentVolumeClaim> = {
  resource: "PersistentVolumeClaim",
  actions: ["Add"],
  isWorthTrying: (pod, _old, now) => now !== undefined && usesClaim(pod, now.metadata, { ephemeralToo: false }),
};
