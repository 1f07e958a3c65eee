// The contract of a kind of volume. Each kind is one file; volume-manager.ts finds the one that fits and calls it.

import type { PersistentVolume, Volume } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";

/** A volume of a pod: as its spec has it, or the persistent volume its claim is bound to. */
export interface VolumeSpec {
  /** The pod's name for it. */
  readonly name: string;
  readonly source: Volume | PersistentVolume["spec"];
  /** Of a persistent volume: its name. */
  readonly persistentVolumeName?: string;
  readonly readOnly: boolean;
}

export interface VolumeContext {
  readonly pod: BoundPod;
  /** A folder of the volume's own below the pod's, not made yet. Absent files below it are no error when tearing down. */
  readonly folder: string;
}

/** A volume that containers can be given. */
export interface MountedVolume {
  /** Where it lies on the host. */
  readonly path: string;
  /** Whatever the containers ask for. */
  readonly readOnly: boolean;
  /** Given to containers as a device, not as a folder. */
  readonly isBlock?: boolean;
}

export interface VolumePlugin {
  /** The folder's name, such as "kubernetes.io~configmap"; the same as upstream's. */
  readonly name: string;
  /** Its content can change while the pod runs: set up again when its sources do. */
  readonly isLive: boolean;
  supports(spec: VolumeSpec): boolean;
  /**
   * Makes the volume usable; fine if it is already, and then brings its content up to date. Throws what is shown in the
   * FailedMount event.
   */
  setUp(spec: VolumeSpec, context: VolumeContext): Promise<MountedVolume>;
}
