// What may change in a PersistentVolume: neither where its data is nor how it is used.

import { type FieldError, forbiddenField, invalid, required } from "../../../field-error.ts";
import type { NodeSelectorRequirement, PersistentVolumeSpec, VolumeNodeAffinity } from "../../../generated/types.ts";
import { schemaOf } from "../../../types-table.ts";
import { immutableError } from "../../report.ts";
import { diffInternalForms } from "../../values/diff/unified-diff.ts";
import { internalForm } from "../../values/internal-form.ts";
import { deepEqual, semanticEqual } from "../../values/semantic-equal.ts";
import { hasInvalidValue } from "../scheduling/node-selector.ts";
import type { DecodedPersistentVolume } from "./persistent-volume.ts";
import { persistentSourceRules } from "./persistent-volume-sources.ts";
import { validatePersistentVolumeSpec } from "./validate-spec.ts";

const mountOptionsAnnotation = "volume.beta.kubernetes.io/mount-options";

/** Of these, mount options can be given in an annotation. */
const mountableSources = [
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "glusterfs",
  "nfs",
  "rbd",
  "quobyte",
  "iscsi",
  "cinder",
  "cephfs",
  "azureFile",
  "vsphereVolume",
  "azureDisk",
  "photonPersistentDisk",
] as const;

export function validatePersistentVolume(volume: DecodedPersistentVolume): FieldError[] {
  const errors: FieldError[] = [];
  validateSpec(volume, undefined, errors);
  validateMountOptions(volume, errors);
  return errors;
}

export function validatePersistentVolumeUpdate(
  volume: DecodedPersistentVolume,
  old: DecodedPersistentVolume,
): FieldError[] {
  const errors: FieldError[] = [];
  validateSpec(volume, old, errors);
  validateMountOptions(volume, errors);
  // Upstream does so twice, and reports twice what it finds.
  validateSpec(volume, old, errors);
  validateSourceUpdate(volume.spec, old.spec, errors);
  if (volume.spec.volumeMode !== old.spec.volumeMode) {
    errors.push(invalid("volumeMode", volume.spec.volumeMode, immutableError));
  }
  validateAffinityUpdate(volume.spec.nodeAffinity, old.spec.nodeAffinity, errors);
  if (old.spec.volumeAttributesClassName !== undefined && volume.spec.volumeAttributesClassName === undefined) {
    errors.push(forbiddenField("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden"));
  }
  return errors;
}

export function validatePersistentVolumeStatusUpdate({ metadata }: DecodedPersistentVolume): FieldError[] {
  return metadata.resourceVersion ? [] : [required("resourceVersion")];
}

function validateSpec(
  { metadata, spec }: DecodedPersistentVolume,
  old: DecodedPersistentVolume | undefined,
  errors: FieldError[],
): void {
  const allowInvalidNodeSelectorValues = hasInvalidValue(old?.spec.nodeAffinity?.required);
  validatePersistentVolumeSpec(spec, "spec", errors, { name: metadata.name ?? "", allowInvalidNodeSelectorValues });
}

function validateMountOptions({ metadata, spec }: DecodedPersistentVolume, errors: FieldError[]): void {
  if (metadata.annotations?.[mountOptionsAnnotation] === undefined) return;
  if (mountableSources.some((source) => spec[source])) return;
  const why = "may not specify mount options for this volume type";
  errors.push(forbiddenField(`metadata.annotations.${mountOptionsAnnotation}`, why));
}

/** Only a secret for growing may be added. */
function validateSourceUpdate(spec: PersistentVolumeSpec, old: PersistentVolumeSpec, errors: FieldError[]): void {
  const [source, oldSource] = [sourceOf(spec), sourceOf(old)];
  if (source.csi && oldSource.csi && !oldSource.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _added, ...csi } = source.csi;
    source.csi = csi;
  }
  if (semanticEqual(schemaOf("io.k8s.api.core.v1.PersistentVolumeSpec"), source, oldSource)) return;
  const diff = diffInternalForms("PersistentVolumeSource", oldSource, source);
  const why = `spec.persistentvolumesource is immutable after creation\n${diff}`;
  errors.push(forbiddenField("spec.persistentvolumesource", why));
}

function sourceOf(spec: PersistentVolumeSpec): PersistentVolumeSpec {
  const fields = new Set(persistentSourceRules.map(({ field }) => field));
  return Object.fromEntries(Object.entries(spec).filter(([field]) => fields.has(field)));
}

/** Labels of nodes that have been replaced, with what replaced them. */
const successors: ReadonlyMap<string, string> = new Map([
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
  ["beta.kubernetes.io/os", "kubernetes.io/os"],
  ["beta.kubernetes.io/arch", "kubernetes.io/arch"],
  ["beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"],
]);

function validateAffinityUpdate(
  affinity: VolumeNodeAffinity | undefined,
  old: VolumeNodeAffinity | undefined,
  errors: FieldError[],
): void {
  if (!old || deepEqual(affinity, old)) return;
  const [keys, oldKeys] = [requirementsOf(affinity), requirementsOf(old)];
  const renamed = keys.length === oldKeys.length ? renameKeys(affinity, oldKeys) : undefined;
  if (renamed && deepEqual(renamed, old)) return;
  const why = `${immutableError}, except for updating from beta label to GA`;
  errors.push(invalid("nodeAffinity", internalForm("*VolumeNodeAffinity", affinity), why));
}

function requirementsOf(affinity: VolumeNodeAffinity | undefined): NodeSelectorRequirement[] {
  return (affinity?.required?.nodeSelectorTerms ?? []).flatMap(({ matchExpressions = [], matchFields = [] }) => [
    ...matchExpressions,
    ...matchFields,
  ]);
}

/** A copy with the old keys where the new ones are their successors. */
function renameKeys(
  affinity: VolumeNodeAffinity | undefined,
  old: readonly NodeSelectorRequirement[],
): VolumeNodeAffinity {
  const copy: VolumeNodeAffinity = structuredClone(affinity ?? {});
  for (const [index, requirement] of requirementsOf(copy).entries()) {
    const oldKey = old[index]?.key ?? "";
    if (successors.get(oldKey) === requirement.key) requirement.key = oldKey;
  }
  return copy;
}
