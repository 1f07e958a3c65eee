// NodeVolumeLimits: no CSI driver attaches more volumes to a node than it says it can (CSINode).

import { type CSINode, type PersistentVolumeClaim, type Pod, resources, type VolumeAttachment } from "#kubernetes/api";
import type { NodeInfo } from "../cluster/node-info.ts";
import type { EventInterest } from "../events.ts";
import type { Plugin, PluginHandle } from "../framework.ts";
import { type Rejection, type Success, skip, success, unresolvable, unschedulable } from "../status.ts";
import { claimVolumeOf, usesClaim, volumesOf } from "./volumes/claims.ts";
import { isMigratable, migratedVolumeOf } from "./volumes/csi-migration.ts";
import { type AttachedVolumes, CsiVolumes, MissingClaimError } from "./volumes/csi-volumes.ts";

const name = "NodeVolumeLimits";
const exceeded = unschedulable(name, "node(s) exceed max volume count");

/** The pod's volumes on nodes with a CSINode, and on those without, worked out when first asked for. */
type WantedVolumes = Map<boolean, AttachedVolumes | Rejection>;

export function createNodeVolumeLimits(
  _args: object,
  { informers }: Pick<PluginHandle, "informers">,
): Plugin<WantedVolumes> {
  const csiNodes = informers.informer(resources.csiNodes);
  const volumes = new CsiVolumes(informers);
  const wantedBy = (pod: Pod, isMigrated: boolean): AttachedVolumes | Rejection => {
    const found = new Map<string, string>();
    try {
      volumes.addOfPod(found, pod, { isMigrated, isNew: true });
      return found;
    } catch (error) {
      if (error instanceof MissingClaimError) return unresolvable(name, error.message);
      throw error;
    }
  };
  const takenOn = (node: NodeInfo): Map<string, string> => {
    const found = new Map<string, string>();
    // Limits are a CSINode's, so that there is one, and drivers have taken over there.
    for (const { pod } of node.pods) volumes.addOfPod(found, pod, { isMigrated: true, isNew: false });
    return found;
  };
  return {
    name,
    events: [csiNodeAdded, limitRaised, podDeleted, claimAdded, volumeDetached],
    preFilter: ({ pod }) =>
      volumesOf(pod).some((one) => isLimited(pod, one)) ? { code: "Success", state: new Map() } : skip,
    filter(wanted, { pod }, node): Success | Rejection {
      const csiNode = csiNodes.get({ name: node.name });
      const isMigrated = csiNode !== undefined;
      let own = wanted.get(isMigrated);
      if (!own) {
        own = wantedBy(pod, isMigrated);
        wanted.set(isMigrated, own);
      }
      if ("code" in own) return own;
      const limits = limitsOf(csiNode);
      if (own.size === 0 || limits.size === 0) return success;
      const taken = takenOn(node);
      return hasRoom(own, taken, volumes.attachedTo(node.name), limits) ? success : exceeded;
    },
  };
}

function isLimited(pod: Pod, volume: Parameters<typeof claimVolumeOf>[1]): boolean {
  return claimVolumeOf(pod, volume) !== undefined || isMigratable(volume);
}

/** By driver; no entry: no limit. */
function limitsOf(csiNode: CSINode | undefined): Map<string, number> {
  const limits = new Map<string, number>();
  for (const { name: driver, allocatable } of csiNode?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(driver, allocatable.count);
  }
  return limits;
}

/** What pods on the node use counts, be it attached yet or not; so does what is still attached. */
function hasRoom(
  own: AttachedVolumes,
  taken: AttachedVolumes,
  attached: AttachedVolumes,
  limits: ReadonlyMap<string, number>,
): boolean {
  const counts = new Map<string, number>();
  const count = (driver: string) => counts.set(driver, (counts.get(driver) ?? 0) + 1);
  for (const driver of taken.values()) count(driver);
  for (const [volume, driver] of attached) if (!taken.has(volume)) count(driver);
  const wanting = new Set<string>();
  for (const [volume, driver] of own) {
    if (taken.has(volume)) continue;
    count(driver);
    wanting.add(driver);
  }
  return [...wanting].every((driver) => counts.get(driver)! <= (limits.get(driver) ?? Number.POSITIVE_INFINITY));
}

const csiNodeAdded: EventInterest<CSINode> = { resource: "storage.k8s.io/CSINode", actions: ["Add"] };

const limitRaised: EventInterest<CSINode> = {
  resource: "storage.k8s.io/CSINode",
  actions: ["Update"],
  isWorthTrying(_pod, old, now) {
    const before = new Map(old?.spec.drivers.map((driver) => [driver.name, driver.allocatable?.count ?? 0]));
    const after = now?.spec.drivers ?? [];
    return after.some((driver) => (driver.allocatable?.count ?? 0) > (before.get(driver.name) ?? 0));
  },
};

const podDeleted: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["Delete"],
  isWorthTrying(_pod, old) {
    if (!old || !(old.spec?.nodeName || old.status?.nominatedNodeName)) return false;
    return volumesOf(old).some((volume) => isLimited(old, volume));
  },
};

const claimAdded: EventInterest<PersistentVolumeClaim> = {
  resource: "PersistentVolumeClaim",
  actions: ["Add"],
  isWorthTrying: (pod, _old, now) => now !== undefined && usesClaim(pod, now.metadata),
};

const volumeDetached: EventInterest<VolumeAttachment> = {
  resource: "storage.k8s.io/VolumeAttachment",
  actions: ["Delete"],
  isWorthTrying: (pod, old) =>
    volumesOf(pod).some(
      (volume) => volume.persistentVolumeClaim !== undefined || migratedVolumeOf(volume)?.driver === old?.spec.attacher,
    ),
};
