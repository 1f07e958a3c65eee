// VolumeZone: volumes that say by their labels which zone or region they are in, as those of old do.

import {
  type Labels,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StorageClass,
} from "#kubernetes/api";
import type { EventInterest } from "../events.ts";
import type { Plugin, PluginHandle } from "../framework.ts";
import { skip, success, unresolvable } from "../status.ts";
import { notFoundMessage, storageClassOf, usesClaim, volumesOf } from "./volumes/claims.ts";

const name = "VolumeZone";
const conflict = unresolvable(name, "node(s) had no available volume zone");

const zone = "topology.kubernetes.io/zone";
const region = "topology.kubernetes.io/region";
const betaZone = "failure-domain.beta.kubernetes.io/zone";
const betaRegion = "failure-domain.beta.kubernetes.io/region";
const topologyLabels = [betaZone, betaRegion, zone, region];
const stableNames: Readonly<Record<string, string>> = { [betaZone]: zone, [betaRegion]: region };

/** Where a volume lies: the node's label must have one of the values. */
interface VolumeTopology {
  readonly key: string;
  readonly values: readonly string[];
}

export function createVolumeZone(
  _args: object,
  { informers }: Pick<PluginHandle, "informers">,
): Plugin<readonly VolumeTopology[]> {
  const claims = informers.informer(resources.persistentVolumeClaims);
  const volumes = informers.informer(resources.persistentVolumes);
  const classes = informers.informer(resources.storageClasses);
  /** What is wrong with a claim that has no volume; undefined where it may go without for now. */
  const problemOfUnbound = (claim: PersistentVolumeClaim): string | undefined => {
    const className = storageClassOf(claim);
    if (className === "") return "PersistentVolumeClaim had no pv name and storageClass name";
    const storageClass = classes.get({ name: className });
    if (!storageClass) return notFoundMessage("storageclass.storage.k8s.io", className);
    const { volumeBindingMode } = storageClass;
    if (!volumeBindingMode) return `VolumeBindingMode not set for StorageClass "${className}"`;
    return volumeBindingMode === "WaitForFirstConsumer" ? undefined : "PersistentVolume had no name";
  };
  return {
    name,
    events: [waitingClassAdded, { resource: "Node", actions: ["Add", "UpdateNodeLabel"] }, claimChanged, volumeChanged],
    preFilter({ pod, namespace }) {
      const topologies: VolumeTopology[] = [];
      for (const { persistentVolumeClaim } of volumesOf(pod)) {
        if (!persistentVolumeClaim) continue;
        const { claimName } = persistentVolumeClaim;
        if (!claimName) return unresolvable(name, "PersistentVolumeClaim had no name");
        const claim = claims.get({ namespace, name: claimName });
        if (!claim) return unresolvable(name, notFoundMessage("persistentvolumeclaim", claimName));
        const volumeName = claim.spec?.volumeName;
        if (!volumeName) {
          const problem = problemOfUnbound(claim);
          if (problem !== undefined) return unresolvable(name, problem);
          continue;
        }
        const volume = volumes.get({ name: volumeName });
        if (!volume) return unresolvable(name, notFoundMessage("persistentvolume", volumeName));
        topologies.push(...topologiesOf(volume));
      }
      return topologies.length === 0 ? skip : { code: "Success", state: topologies };
    },
    filter: (topologies, _pod, { labels }) =>
      !hasTopology(labels) || topologies.every((topology) => liesIn(labels!, topology)) ? success : conflict,
  };
}

/** A node that says nothing of zones and regions is in a cluster that has none. */
function hasTopology(labels: Labels | undefined): boolean {
  return labels !== undefined && topologyLabels.some((label) => labels[label] !== undefined);
}

function liesIn(labels: Labels, { key, values }: VolumeTopology): boolean {
  const value = labels[key] ?? labels[stableNames[key] ?? key];
  return value !== undefined && values.includes(value);
}

function topologiesOf({ metadata }: PersistentVolume): VolumeTopology[] {
  return topologyLabels.flatMap((key) => {
    const values = metadata.labels?.[key]?.split("__").map((value) => value.trim()) ?? [];
    // A label with an empty name in it says nothing.
    return values.length === 0 || values.includes("") ? [] : [{ key, values }];
  });
}

const waitingClassAdded: EventInterest<StorageClass> = {
  resource: "storage.k8s.io/StorageClass",
  actions: ["Add"],
  isWorthTrying: (_pod, _old, now) => now?.volumeBindingMode === "WaitForFirstConsumer",
};

const claimChanged: EventInterest<PersistentVolumeClaim> = {
  resource: "PersistentVolumeClaim",
  actions: ["Add", "Update"],
  isWorthTrying: (pod: Pod, _old, now) => now !== undefined && usesClaim(pod, now.metadata, { ephemeralToo: false }),
};

const volumeChanged: EventInterest<PersistentVolume> = {
  resource: "PersistentVolume",
  actions: ["Add", "Update"],
  isWorthTrying: (_pod, old, now) => !old || !now || topologyText(old) !== topologyText(now),
};

function topologyText(volume: PersistentVolume): string {
  return JSON.stringify(topologiesOf(volume));
}
