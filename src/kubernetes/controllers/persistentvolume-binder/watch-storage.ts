// Which claims and volumes to look at again when one of them, a storage class or a pod changes. Upstream looks at all of them
// every 15 seconds.

import {
  formatKey,
  keyOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  parseKey,
  type StorageClass,
} from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import { type KeyQueue, type Watch, watch } from "#kubernetes/runtime";
import { bindCompleted } from "../volumes/annotations.ts";
import { claimKeysOf, indexByClaim } from "../volumes/pod-claims.ts";
import { classOf, namesClass } from "../volumes/storage-classes.ts";

export interface StorageInformers {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
}

/** Keys of the two kinds in one queue: one worker goes through both, so that no volume is given away twice. */
export const claimPrefix = "claim:";
export const volumePrefix = "volume:";

const openIndex = "open";
const namedIndex = "volumeName";
const claimIndex = "claimRef";

export function indexStorage({ claims, volumes, pods }: StorageInformers): void {
  claims.addIndex(openIndex, (claim) => (isOpen(claim) ? [classOf(claim)] : []));
  claims.addIndex(namedIndex, ({ spec }) => (spec?.volumeName ? [spec.volumeName] : []));
  volumes.addIndex(claimIndex, (volume) => [claimKeyOf(volume)]);
  indexByClaim(pods);
}

function isOpen({ metadata, spec }: PersistentVolumeClaim): boolean {
  return metadata.annotations?.[bindCompleted] === undefined && !spec?.volumeName;
}

/** The claim a volume names; "" where it is free. */
export function claimKeyOf({ spec }: PersistentVolume): string {
  const { claimRef } = spec ?? {};
  return claimRef ? formatKey({ namespace: claimRef.namespace, name: claimRef.name ?? "" }) : "";
}

/** Those that name the claim; with "", those that are free. */
export function volumesFor({ volumes }: StorageInformers, claimKey: string): readonly PersistentVolume[] {
  return volumes.byIndex(claimIndex, claimKey);
}

export function watchStorage(informers: StorageInformers): Watch[] {
  return [watchClaims(informers), watchVolumes(informers), watchClasses(informers), watchPods(informers)];
}

function watchClaims(informers: StorageInformers): Watch {
  return watch(informers.claims, (queue) => {
    const add = (claim: PersistentVolumeClaim) => {
      const key = formatKey(keyOf(claim));
      queue.add(claimPrefix + key);
      for (const { metadata } of volumesFor(informers, key)) queue.add(volumePrefix + metadata.name);
    };
    return { added: add, updated: add, deleted: add };
  });
}

function watchVolumes({ claims, volumes }: StorageInformers): Watch {
  return watch(volumes, (queue) => {
    const add = (volume: PersistentVolume) => {
      const { name = "" } = volume.metadata;
      const claimKey = claimKeyOf(volume);
      queue.add(volumePrefix + name);
      if (claimKey !== "") queue.add(claimPrefix + claimKey);
      addClaims(claims.byIndex(namedIndex, name), queue);
      if (claimKey === "" && volume.status?.phase === "Available") {
        addClaims(claims.byIndex(openIndex, classOf(volume)), queue);
      }
    };
    return { added: add, updated: add, deleted: add };
  });
}

function watchClasses({ claims, classes }: StorageInformers): Watch {
  return watch(classes, (queue) => {
    const add = ({ metadata }: StorageClass) => {
      addClaims(claims.byIndex(openIndex, metadata.name ?? ""), queue);
      // It may be the default from now on.
      const classless = claims.byIndex(openIndex, "").filter((claim) => !namesClass(claim));
      addClaims(classless, queue);
    };
    return { added: add, updated: add, deleted: add };
  });
}

/** Pods tell what a claim waits for. */
function watchPods({ claims, pods }: StorageInformers): Watch {
  return watch(pods, (queue) => ({
    added(pod, isInitialList) {
      if (isInitialList || pod.spec?.nodeName) return;
      for (const key of claimKeysOf(pod)) if (isOpenKey(claims, key)) queue.add(claimPrefix + key);
    },
  }));
}

function isOpenKey(claims: Informer<PersistentVolumeClaim>, key: string): boolean {
  const claim = claims.get(parseKey(key));
  return claim !== undefined && isOpen(claim);
}

function addClaims(found: readonly PersistentVolumeClaim[], queue: KeyQueue): void {
  for (const claim of found) queue.add(claimPrefix + formatKey(keyOf(claim)));
}
