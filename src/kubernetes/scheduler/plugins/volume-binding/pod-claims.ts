// A pod's claims, sorted by what is left to do about each.

import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StorageClass,
} from "#kubernetes/api";
import type { InformerSet, Lister } from "#kubernetes/client";
import { claimVolumesOf, isFullyBound, notFoundMessage, ownershipProblem, storageClassOf } from "../volumes/claims.ts";
import { AssumedObjects } from "./assumed-objects.ts";

export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** To be bound when their pod has a node. */
  readonly delayed: readonly PersistentVolumeClaim[];
  /** To be bound by now: the pod cannot run before they are. */
  readonly immediate: readonly PersistentVolumeClaim[];
  /** By class of a delayed claim, the volumes there are. */
  readonly volumes: ReadonlyMap<string, readonly PersistentVolume[]>;
}

const classIndex = "storageClass";

/** Claims and volumes as they will be when all that is decided is written. */
export class StorageState {
  readonly claims: AssumedObjects<PersistentVolumeClaim>;
  readonly volumes: AssumedObjects<PersistentVolume>;
  readonly #classes: Lister<StorageClass>;

  constructor(informers: InformerSet) {
    const volumes = informers.informer(resources.persistentVolumes);
    volumes.addIndex(classIndex, classesOfVolume);
    this.claims = new AssumedObjects(informers.informer(resources.persistentVolumeClaims));
    this.volumes = new AssumedObjects(volumes);
    this.#classes = informers.informer(resources.storageClasses);
  }

  /** Why the pod cannot be placed whatever the node; undefined where it may be. */
  problemOf(pod: Pod): string | undefined {
    for (const { claimName, isEphemeral } of claimVolumesOf(pod)) {
      const claim = this.claims.getKnown({ namespace: pod.metadata.namespace, name: claimName });
      if (!claim) {
        return isEphemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claimName}"`
          : notFoundMessage("persistentvolumeclaim", claimName);
      }
      const { status, spec, metadata } = claim;
      if (status?.phase === "Lost") {
        return `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${spec?.volumeName ?? ""}"`;
      }
      if (metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${claimName}" is being deleted`;
      const problem = isEphemeral ? ownershipProblem(pod, claim) : undefined;
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** The claims of a pod without a problem. */
  claimsOf(pod: Pod): PodClaims {
    const bound: PersistentVolumeClaim[] = [];
    const delayed: PersistentVolumeClaim[] = [];
    const immediate: PersistentVolumeClaim[] = [];
    for (const { claimName } of claimVolumesOf(pod)) {
      const claim = this.claims.get({ namespace: pod.metadata.namespace, name: claimName })!;
      if (isFullyBound(claim)) bound.push(claim);
      else if (this.#isDelayed(claim) && !claim.spec?.volumeName) delayed.push(claim);
      else immediate.push(claim);
    }
    const classes = new Set(delayed.map(storageClassOf));
    const volumes = new Map([...classes].map((name) => [name, this.volumes.byIndex(classIndex, name)]));
    return { bound, delayed, immediate, volumes };
  }

  #isDelayed(claim: PersistentVolumeClaim): boolean {
    const className = storageClassOf(claim);
    const storageClass = this.#classes.get({ name: className });
    if (!storageClass) return false;
    if (!storageClass.volumeBindingMode) throw new Error(`VolumeBindingMode not set for StorageClass "${className}"`);
    return storageClass.volumeBindingMode === "WaitForFirstConsumer";
  }
}

function classesOfVolume(volume: PersistentVolume): string[] {
  return [storageClassOf(volume)];
}
