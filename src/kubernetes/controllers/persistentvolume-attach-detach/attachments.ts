// Names of attached volumes, and which volumes have to be attached to nodes at all. Pure.

import { createHash } from "node:crypto";
import type { CSIDriver, PersistentVolume, VolumeAttachment } from "#kubernetes/api";

/** The name of a VolumeAttachment, by which drivers' attachers and kubelets know it too. */
export function attachmentName(volume: PersistentVolume, nodeName: string): string {
  const { driver = "", volumeHandle = "" } = volume.spec?.csi ?? {};
  return `csi-${createHash("sha256").update(`${volumeHandle}${driver}${nodeName}`).digest("hex")}`;
}

const ownName = /^csi-[0-9a-f]{64}$/;

/** One this controller made, now or in a former life; others' attachments are left alone. */
export function isOurs({ metadata }: VolumeAttachment): boolean {
  return ownName.test(metadata.name ?? "");
}

/** How a volume is called in a node's status. */
export function uniqueName({ spec }: PersistentVolume): string {
  return `kubernetes.io/csi/${spec?.csi?.driver}^${spec?.csi?.volumeHandle}`;
}

/** A volume of a driver that does not say it needs none. */
export function needsAttachment({ spec }: PersistentVolume, drivers: (name: string) => CSIDriver | undefined): boolean {
  return spec?.csi !== undefined && drivers(spec.csi.driver)?.spec.attachRequired !== false;
}

/** Whether several nodes may have the volume at once. */
export function isShared({ spec }: PersistentVolume): boolean {
  const modes = spec?.accessModes ?? [];
  return modes.length === 0 || modes.some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany");
}
