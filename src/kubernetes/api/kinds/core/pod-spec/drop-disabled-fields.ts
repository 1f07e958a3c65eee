// Fields whose feature gates are off in 1.36: dropped from what clients send, unless the object they change has them already.

import type { Lifecycle, PodSpec, PodTemplateSpec, VolumeProjection } from "../../../generated/types.ts";
import { allContainers } from "./pod-check.ts";

export function dropDisabledTemplateFields(
  template: PodTemplateSpec | undefined,
  old: PodTemplateSpec | undefined,
): void {
  if (template?.spec) dropDisabledFields(template.spec, old?.spec);
}

/** ClusterTrustBundleProjection, PodCertificateRequest, GenericWorkload and ContainerStopSignals are off. */
export function dropDisabledFields(spec: PodSpec, old: PodSpec | undefined): void {
  for (const field of ["clusterTrustBundle", "podCertificate"] as const) {
    if (usesProjection(spec, field) && !(old && usesProjection(old, field))) dropProjection(spec, field);
  }
  if (spec.schedulingGroup && !old?.schedulingGroup) delete spec.schedulingGroup;
  if (usesStopSignal(spec) && !(old && usesStopSignal(old))) dropStopSignals(spec);
}

type ProjectionField = "clusterTrustBundle" | "podCertificate";

function projectionsOf(spec: PodSpec): VolumeProjection[] {
  return (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
}

function usesProjection(spec: PodSpec, field: ProjectionField): boolean {
  return projectionsOf(spec).some((source) => source[field] !== undefined);
}

function dropProjection(spec: PodSpec, field: ProjectionField): void {
  for (const source of projectionsOf(spec)) delete source[field];
}

function usesStopSignal(spec: PodSpec): boolean {
  return allContainers(spec).some(({ lifecycle }) => lifecycle?.stopSignal !== undefined);
}

function dropStopSignals(spec: PodSpec): void {
  for (const container of allContainers(spec)) {
    const lifecycle: Lifecycle | undefined = container.lifecycle;
    if (lifecycle?.stopSignal === undefined) continue;
    delete lifecycle.stopSignal;
    if (Object.keys(lifecycle).length === 0) delete container.lifecycle;
  }
}
