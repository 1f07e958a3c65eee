// Whether a volume for a claim could be made where a node can use it.

import {
  type CSIDriver,
  type CSIStorageCapacity,
  type Labels,
  type PersistentVolumeClaim,
  quantityValue,
  SelectorError,
  type StorageClass,
  selectorOf,
  type TopologySelectorTerm,
} from "#kubernetes/api";
import type { Lister } from "#kubernetes/client";
import { storageClassOf } from "../volumes/claims.ts";

export interface ProvisioningSources {
  readonly classes: Lister<StorageClass>;
  readonly drivers: Lister<CSIDriver>;
  readonly capacities: Lister<CSIStorageCapacity>;
}

const notSupported = "kubernetes.io/no-provisioner";

/** "no": no volume could be made for this node; "full": there is no space for it. Throws where the claim's class is not there. */
export function canProvision(
  claim: PersistentVolumeClaim,
  labels: Labels | undefined,
  { classes, drivers, capacities }: ProvisioningSources,
): "yes" | "no" | "full" {
  const className = storageClassOf(claim);
  if (className === "") throw new Error(`no class for claim "${claim.metadata.namespace}/${claim.metadata.name}"`);
  const storageClass = classes.get({ name: className });
  if (!storageClass) throw new Error(`failed to find storage class "${className}"`);
  const { provisioner, allowedTopologies = [] } = storageClass;
  if (provisioner === "" || provisioner === notSupported || !allowsTopology(allowedTopologies, labels)) return "no";
  const size = claim.spec?.resources?.requests?.["storage"];
  if (size === undefined || drivers.get({ name: provisioner })?.spec.storageCapacity !== true) return "yes";
  const hasSpace = capacities
    .list()
    .some(
      (capacity) =>
        capacity.storageClassName === className &&
        (volumeLimit(capacity) ?? -1) >= quantityValue(size) &&
        isReachable(capacity, labels),
    );
  return hasSpace ? "yes" : "full";
}

/** The largest volume that can be made: as the driver says, else all that is left. undefined where it says neither. */
export function volumeLimit({ maximumVolumeSize, capacity }: CSIStorageCapacity): number | undefined {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? undefined : quantityValue(limit);
}

function allowsTopology(terms: readonly TopologySelectorTerm[], labels: Labels | undefined): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) => {
    if (matchLabelExpressions.length === 0) return false;
    return matchLabelExpressions.every(({ key, values }) => {
      const value = labels?.[key];
      return value !== undefined && values.includes(value);
    });
  });
}

function isReachable({ nodeTopology }: CSIStorageCapacity, labels: Labels | undefined): boolean {
  if (!nodeTopology) return false;
  try {
    return selectorOf(nodeTopology).matches(labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
