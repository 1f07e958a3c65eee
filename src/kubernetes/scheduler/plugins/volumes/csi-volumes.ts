// The volumes of a pod that a CSI driver has to attach to its node, as the driver tells them apart.

import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type StorageClass,
  type Volume,
  type VolumeAttachment,
} from "#kubernetes/api";
import type { InformerSet, Lister } from "#kubernetes/client";
import { describeError } from "#shared";
import { claimVolumeOf, notFoundMessage, ownershipProblem, storageClassOf, volumesOf } from "./claims.ts";
import { driverOfProvisioner, isBuiltInProvisioner, type MigratedVolume, migratedVolumeOf } from "./csi-migration.ts";

/** Drivers by "driver/handle": a volume that several pods use is one. */
export type AttachedVolumes = ReadonlyMap<string, string>;

/** A new pod cannot run without this claim. */
export class MissingClaimError extends Error {}

export class CsiVolumes {
  readonly #claims: Lister<PersistentVolumeClaim>;
  readonly #volumes: Lister<PersistentVolume>;
  readonly #classes: Lister<StorageClass>;
  readonly #attachments: Lister<VolumeAttachment>;
  /** Volumes that are not there yet go by their claim, under a name no driver gives a handle. */
  readonly #prefix = crypto.randomUUID();

  constructor(informers: InformerSet) {
    this.#claims = informers.informer(resources.persistentVolumeClaims);
    this.#volumes = informers.informer(resources.persistentVolumes);
    this.#classes = informers.informer(resources.storageClasses);
    const attachments = informers.informer(resources.volumeAttachments);
    attachments.addIndex("nodeName", nodeNamesOf);
    this.#attachments = attachments;
  }

  /**
   * Adds the pod's volumes. `isMigrated`: whether the node's drivers have taken over what was built in. `isNew`: the pod is to be
   * placed. Throws MissingClaimError for a new pod, and where something about a volume is wrong.
   */
  addOfPod(
    found: Map<string, string>,
    pod: Pod,
    { isMigrated, isNew }: { readonly isMigrated: boolean; readonly isNew: boolean },
  ): void {
    for (const volume of volumesOf(pod)) {
      const named = claimVolumeOf(pod, volume);
      if (!named) {
        if (isMigrated) add(found, inlineVolume(volume));
        continue;
      }
      const { claimName, isEphemeral } = named;
      if (claimName === "") throw new Error("PersistentVolumeClaim had no name");
      const { namespace = "" } = pod.metadata;
      const claim = this.#claims.get({ namespace, name: claimName });
      if (!claim) {
        if (!isNew) continue;
        const missing = notFoundMessage("persistentvolumeclaim", claimName);
        throw new MissingClaimError(`looking up PVC ${namespace}/${claimName}: ${missing}`);
      }
      const problem = isEphemeral ? ownershipProblem(pod, claim) : undefined;
      if (problem !== undefined) throw new Error(problem);
      add(found, this.#volumeOfClaim(claim, isMigrated));
    }
  }

  /** What is attached to a node by the word of its VolumeAttachments. */
  attachedTo(nodeName: string): AttachedVolumes {
    const found = new Map<string, string>();
    for (const { spec } of this.#attachments.byIndex("nodeName", nodeName)) {
      const name = spec.source.persistentVolumeName;
      const volume = name === undefined ? undefined : this.#volumes.get({ name });
      const csi = volume?.spec?.csi;
      if (spec.attacher && csi) add(found, { driver: spec.attacher, handle: csi.volumeHandle });
    }
    return found;
  }

  #volumeOfClaim(claim: PersistentVolumeClaim, isMigrated: boolean): DriverVolume | undefined {
    const name = claim.spec?.volumeName;
    const volume = name ? this.#volumes.get({ name }) : undefined;
    if (!volume) return this.#volumeToCome(claim, isMigrated);
    const csi = volume.spec?.csi;
    if (csi) return { driver: csi.driver, handle: csi.volumeHandle };
    return isMigrated ? migratedVolume(volume) : undefined;
  }

  /** The claim's class says which driver will make the volume. Without one it is bound before its pod is placed. */
  #volumeToCome(claim: PersistentVolumeClaim, isMigrated: boolean): DriverVolume | undefined {
    const provisioner = this.#classes.get({ name: storageClassOf(claim) })?.provisioner;
    if (!provisioner || (isBuiltInProvisioner(provisioner) && !isMigrated)) return undefined;
    const { namespace, name } = claim.metadata;
    const driver = driverOfProvisioner(provisioner);
    return driver === undefined ? undefined : { driver, handle: `${this.#prefix}-${namespace}/${name}` };
  }
}

type DriverVolume = Pick<MigratedVolume, "driver" | "handle">;

function add(found: Map<string, string>, volume: DriverVolume | undefined): void {
  if (volume?.driver && volume.handle) found.set(`${volume.driver}/${volume.handle}`, volume.driver);
}

function inlineVolume(volume: Volume): DriverVolume | undefined {
  try {
    return migratedVolumeOf(volume);
  } catch (error) {
    throw new Error(`converting volume(${volume.name}) from inline to csi: ${describeError(error)}`, { cause: error });
  }
}

/** One whose handle cannot be told is not counted. */
function migratedVolume({ spec, metadata }: PersistentVolume): DriverVolume | undefined {
  try {
    return spec && migratedVolumeOf(spec, metadata.labels);
  } catch {
    return undefined;
  }
}

function nodeNamesOf({ spec }: VolumeAttachment): string[] {
  return [spec.nodeName];
}
