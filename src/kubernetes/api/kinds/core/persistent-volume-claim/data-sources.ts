// What a claim's volume is filled with at first. Two fields say so: dataSource, which once allowed only claims and snapshots and
// silently dropped all else, and dataSourceRef, which refuses what it does not know.

import type { PersistentVolumeClaimSpec, TypedLocalObjectReference } from "../../../generated/types.ts";

/** Drops what has always been dropped, then has both fields say the same. */
export function settleDataSources(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec | undefined): void {
  // CrossNamespaceVolumeDataSource is off.
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const isInUse = old?.dataSource !== undefined || old?.dataSourceRef !== undefined;
  if (!isInUse && !spec.dataSourceRef && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource;
  normalizeDataSources(spec);
}

/** Sets either field from the other. */
export function normalizeDataSources(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _empty, ...reference } = dataSourceRef;
    spec.dataSource = reference;
  }
}

function isClaimOrSnapshot(source: TypedLocalObjectReference | undefined): boolean {
  if (source?.kind === "PersistentVolumeClaim") return !source.apiGroup;
  return source?.kind === "VolumeSnapshot" && source.apiGroup === "snapshot.storage.k8s.io";
}
