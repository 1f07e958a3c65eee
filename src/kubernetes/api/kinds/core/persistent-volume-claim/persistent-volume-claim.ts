// PersistentVolumeClaim: a wish for storage, and once it is bound the volume a pod can mount.

import { child, type FieldError } from "../../../field-error.ts";
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../../generated/types.ts";
import { canonicalizeQuantity } from "../../../quantity/format.ts";
import { type Decoded, defineKind } from "../../define-kind.ts";
import { formatAccessModes } from "../../table/cells.ts";
import { formatAge } from "../../table/human-duration.ts";
import { classAnnotation, classOf } from "../persistent-volume/persistent-volume.ts";
import { warnOfFraction } from "../resources/fractions.ts";
import { roundUpAmounts } from "../resources/quantities.ts";
import { setClaimSpecDefaults } from "../volumes/default-volumes.ts";
import { settleDataSources } from "./data-sources.ts";
import { validateClaimSpec } from "./validate-spec.ts";
import { validateClaimStatusUpdate } from "./validate-status.ts";
import { validateClaimUpdate } from "./validate-update.ts";

export type DecodedClaim = Decoded<PersistentVolumeClaim, "spec" | "status">;

export const persistentVolumeClaim = defineKind<DecodedClaim>({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  setDefaults: setClaimDefaults,
  prepareForCreate: (object) => {
    object.status = { phase: "Pending" };
    settleDataSources(object.spec, undefined);
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
    settleDataSources(object.spec, old.spec);
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: ({ spec }) => {
    const errors: FieldError[] = [];
    validateClaimSpec(spec, "spec", errors);
    return errors;
  },
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatusUpdate,
  warnings,
  tableCells: (object, now) => ({ cells: cellsOf(object, now) }),
});

/** Of a claim, also as the template of others. */
export function setClaimDefaults({ spec, status }: DecodedClaim): void {
  status.phase ||= "Pending";
  setClaimSpecDefaults(spec);
  roundUpAmounts(status.capacity);
  roundUpAmounts(status.allocatedResources);
}

function warnings({ metadata, spec }: DecodedClaim): string[] {
  const warnings: string[] = [];
  if (metadata.annotations?.[classAnnotation] !== undefined) {
    const why = 'deprecated since v1.8; use "storageClassName" attribute instead';
    warnings.push(`metadata.annotations[${classAnnotation}]: ${why}`);
  }
  return [...warnings, ...warnOfClaimSpec(spec, "spec")];
}

export function warnOfClaimSpec({ resources }: PersistentVolumeClaimSpec, path: string): string[] {
  const warnings: string[] = [];
  warnOfFraction(resources?.requests, "storage", child(path, "resources.requests"), warnings);
  warnOfFraction(resources?.limits, "storage", child(path, "resources.limits"), warnings);
  return warnings;
}

/** Size and access modes are those of the volume, once there is one. */
function cellsOf({ metadata, spec, status }: DecodedClaim, now: number): unknown[] {
  const isBound = spec.volumeName !== undefined && spec.volumeName !== "";
  return [
    metadata.name,
    metadata.deletionTimestamp ? "Terminating" : (status.phase ?? ""),
    spec.volumeName ?? "",
    isBound ? canonicalizeQuantity(status.capacity?.["storage"] ?? "0") : "",
    isBound ? formatAccessModes(status.accessModes) : "",
    classOf(metadata, spec),
    spec.volumeAttributesClassName ?? "<unset>",
    formatAge(metadata.creationTimestamp, now),
    spec.volumeMode ?? "<unset>",
  ];
}
