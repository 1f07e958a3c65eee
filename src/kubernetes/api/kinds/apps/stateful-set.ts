// StatefulSet: pods with names, and claims of their own, that outlive them.

import type { PersistentVolumeClaim, StatefulSet } from "../../generated/types.ts";
import { checkDNSLabelName } from "../../names.ts";
import {
  type DecodedClaim,
  setClaimDefaults,
  warnOfClaimSpec,
} from "../core/persistent-volume-claim/persistent-volume-claim.ts";
import { setPodTemplateDefaults } from "../core/pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "../core/pod-spec/drop-disabled-fields.ts";
import { warnOfPodTemplate } from "../core/pod-spec/warnings/warn-of-pod.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { containerCells } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import {
  validateStatefulSet,
  validateStatefulSetStatusUpdate,
  validateStatefulSetUpdate,
} from "./validate-stateful-set.ts";

export type DecodedStatefulSet = Decoded<StatefulSet, "spec" | "status">;

export const statefulSet = defineKind<DecodedStatefulSet>({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  validateName: checkDNSLabelName,
  setDefaults,
  prepareForCreate: (object) => {
    object.status = { replicas: 0, availableReplicas: 0 };
    prepareSpec(object, undefined);
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
    prepareSpec(object, old);
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatusUpdate,
  warnings,
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      formatAge(metadata.creationTimestamp, now),
      ...containerCells(spec.template.spec?.containers),
    ],
  }),
});

function setDefaults({ spec }: DecodedStatefulSet): void {
  spec.podManagementPolicy ||= "OrderedReady";
  setStrategyDefaults(spec);
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= "Retain";
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  setPodTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) settleClaim(claim);
}

function setStrategyDefaults(spec: DecodedStatefulSet["spec"]): void {
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) {
    strategy.type = "RollingUpdate";
    strategy.rollingUpdate ??= {};
  }
  // MaxUnavailableStatefulSet is off, so maxUnavailable has no default.
  if (strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
}

function settleClaim(claim: PersistentVolumeClaim): void {
  claim.apiVersion = "v1";
  claim.kind = "PersistentVolumeClaim";
  setClaimDefaults(claim as DecodedClaim);
}

/** MaxUnavailableStatefulSet is off. */
function prepareSpec({ spec }: DecodedStatefulSet, old: DecodedStatefulSet | undefined): void {
  const wasUsed = old?.spec.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined;
  if (!wasUsed) delete spec.updateStrategy?.rollingUpdate?.maxUnavailable;
  dropDisabledTemplateFields(spec.template, old?.spec.template);
}

function warnings({ metadata, spec }: DecodedStatefulSet, old: DecodedStatefulSet | undefined): string[] {
  const isSameTemplate = old && metadata.generation === old.metadata.generation;
  const texts = isSameTemplate ? [] : warnOfPodTemplate(spec.template, "spec.template");
  for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
    const path = `spec.volumeClaimTemplates[${index}]${old ? ".Spec" : ""}`;
    texts.push(...warnOfClaimSpec((claim as DecodedClaim).spec, path));
  }
  if ((spec.revisionHistoryLimit ?? 0) < 0) {
    const what = "a negative value retains all historical revisions; a value >= 0 is recommended";
    texts.push(`spec.revisionHistoryLimit: ${what}`);
  }
  return texts;
}
