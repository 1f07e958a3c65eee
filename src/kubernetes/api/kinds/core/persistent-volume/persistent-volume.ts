// PersistentVolume: storage of the cluster, that a claim takes for itself.

import type { ObjectMeta, PersistentVolume } from "../../../generated/types.ts";
import { canonicalizeQuantity } from "../../../quantity/format.ts";
import { formatTime } from "../../../time/time.ts";
import { type Decoded, defineKind } from "../../define-kind.ts";
import { formatAccessModes } from "../../table/cells.ts";
import { formatAge } from "../../table/human-duration.ts";
import { roundUpAmounts } from "../resources/quantities.ts";
import { setSourceDefaults } from "../volumes/default-volumes.ts";
import {
  validatePersistentVolume,
  validatePersistentVolumeStatusUpdate,
  validatePersistentVolumeUpdate,
} from "./validate-update.ts";
import { warnOfPersistentVolume } from "./warn-of-volume.ts";

export type DecodedPersistentVolume = Decoded<PersistentVolume, "spec" | "status">;

export const classAnnotation = "volume.beta.kubernetes.io/storage-class";

export const persistentVolume = defineKind<DecodedPersistentVolume>({
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  metadataChecks: ["object", "object"],
  hasGeneration: false,
  setDefaults,
  prepareForCreate: (object, now) => {
    object.status = { phase: "Pending", lastPhaseTransitionTime: formatTime(now) };
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate,
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  validateStatusUpdate: validatePersistentVolumeStatusUpdate,
  warnings: warnOfPersistentVolume,
  tableCells: (object, now) => ({ cells: cellsOf(object, now) }),
});

function setDefaults({ spec, status }: DecodedPersistentVolume): void {
  status.phase ||= "Pending";
  spec.persistentVolumeReclaimPolicy ||= "Retain";
  spec.volumeMode ??= "Filesystem";
  roundUpAmounts(spec.capacity);
  setSourceDefaults(spec);
}

/** The time of the last change of phase is kept, or set to now, where the client did not say. */
function prepareForStatusUpdate(object: DecodedPersistentVolume, old: DecodedPersistentVolume, now: number): void {
  const { status } = object;
  object.spec = old.spec;
  const time = status.lastPhaseTransitionTime;
  const oldTime = old.status.lastPhaseTransitionTime;
  if (status.phase === old.status.phase) {
    if (!time && oldTime) status.lastPhaseTransitionTime = oldTime;
  } else if (!time || time === oldTime) status.lastPhaseTransitionTime = formatTime(now);
}

/** The class of a volume or claim, also from before there was a field. */
export function classOf(meta: ObjectMeta, { storageClassName = "" }: { storageClassName?: string }): string {
  return meta.annotations?.[classAnnotation] ?? storageClassName;
}

function cellsOf({ metadata, spec, status }: DecodedPersistentVolume, now: number): unknown[] {
  const { claimRef } = spec;
  return [
    metadata.name,
    canonicalizeQuantity(spec.capacity?.["storage"] ?? "0"),
    formatAccessModes(spec.accessModes),
    spec.persistentVolumeReclaimPolicy ?? "",
    metadata.deletionTimestamp ? "Terminating" : (status.phase ?? ""),
    claimRef ? `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}` : "",
    classOf(metadata, spec),
    spec.volumeAttributesClassName ?? "<unset>",
    status.reason ?? "",
    formatAge(metadata.creationTimestamp, now),
    spec.volumeMode ?? "<unset>",
  ];
}
