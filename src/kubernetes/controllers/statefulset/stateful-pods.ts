// What a StatefulSet's pods look like: name, labels, volumes, revision. Pure.

import { type Pod, type PodSpec, resources, type StatefulSet, type Volume } from "#kubernetes/api";
import { controllerReference } from "../ownership/owner-references.ts";
import { podFromTemplate } from "../pods/pod-control.ts";
import { claimName } from "./claims.ts";
import { ordinalOf, podName, startOrdinal } from "./ordinals.ts";

export const revisionLabel = "controller-revision-hash";
const nameLabel = "statefulset.kubernetes.io/pod-name";
const indexLabel = "apps.kubernetes.io/pod-index";

/** The revision a pod was made by. */
export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[revisionLabel] ?? "";
}

/** A revision of the set: its name, and the set as it was then. */
export interface SetRevision {
  readonly name: string;
  readonly set: StatefulSet;
}

/** A new pod with this ordinal: of the update revision, or, below the partition, of the current one. */
export function newPod(ordinal: number, current: SetRevision, update: SetRevision): Pod {
  const { set, name } = isBelowPartition(ordinal, current.set) ? current : update;
  const reference = controllerReference(resources.statefulSets, set);
  const pod = podFromTemplate(set.spec!.template, { namespace: set.metadata.namespace ?? "", reference });
  const { generateName: _, ...metadata } = pod.metadata;
  const ownName = podName(set, ordinal);
  return {
    ...pod,
    metadata: {
      ...metadata,
      name: ownName,
      labels: { ...metadata.labels, ...identityLabels(ownName, ordinal), [revisionLabel]: name },
    },
    spec: {
      ...pod.spec!,
      hostname: ownName,
      ...(set.spec?.serviceName !== undefined && { subdomain: set.spec.serviceName }),
      volumes: withClaimVolumes(pod.spec!, set, ordinal),
    },
  };
}

function isBelowPartition(ordinal: number, set: StatefulSet): boolean {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (rollingUpdate) return ordinal < startOrdinal(set) + (rollingUpdate.partition ?? 0);
  return type === "RollingUpdate" && ordinal < startOrdinal(set) + (set.status?.currentReplicas ?? 0);
}

/** True where the pod is who its name says. */
export function hasIdentity(pod: Pod): boolean {
  return pod.metadata.labels?.[nameLabel] === pod.metadata.name;
}

/** True where the pod uses the claims of its ordinal. */
export function hasStorage(pod: Pod, set: StatefulSet): boolean {
  const ordinal = ordinalOf(pod);
  return (set.spec?.volumeClaimTemplates ?? []).every((template) => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === template.metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimName(set, template, ordinal);
  });
}

/** The pod with its identity and its volumes put right. */
export function repairPod(pod: Pod, set: StatefulSet): Pod {
  const ordinal = ordinalOf(pod);
  const labels = { ...pod.metadata.labels, ...identityLabels(pod.metadata.name ?? "", ordinal) };
  const spec = hasStorage(pod, set) ? pod.spec! : { ...pod.spec!, volumes: withClaimVolumes(pod.spec!, set, ordinal) };
  return { ...pod, metadata: { ...pod.metadata, labels }, spec };
}

function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { [nameLabel]: name, [indexLabel]: String(ordinal) };
}

function withClaimVolumes({ volumes = [] }: PodSpec, set: StatefulSet, ordinal: number): Volume[] {
  const templates = set.spec?.volumeClaimTemplates ?? [];
  const names = new Set(templates.map(({ metadata }) => metadata.name));
  const claimed = templates.map((template) => ({
    name: template.metadata.name ?? "",
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }));
  return [...claimed, ...volumes.filter(({ name }) => !names.has(name))];
}
