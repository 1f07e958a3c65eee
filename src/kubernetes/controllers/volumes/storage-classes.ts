// The storage class of volumes and claims, and the default one. Pure.

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "#kubernetes/api";
import { betaStorageClass } from "./annotations.ts";

/** "" where it has none. */
export function classOf({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata.annotations?.[betaStorageClass] ?? spec?.storageClassName ?? "";
}

/** Whether a claim says something about its class, be it that it wants none. */
export function namesClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  return metadata.annotations?.[betaStorageClass] !== undefined || spec?.storageClassName !== undefined;
}

const defaultAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

/** Of several, the newest; of those that are equally new, the first by name. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const [first] = classes
    .filter(({ metadata }) => defaultAnnotations.some((name) => metadata.annotations?.[name] === "true"))
    .toSorted((a, b) => {
      const [createdA, createdB] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
      if (createdA !== createdB) return createdA > createdB ? -1 : 1;
      return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
    });
  return first;
}

export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}
