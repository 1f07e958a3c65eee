// What a Job reads from its pods: index, failure, when it ended; and what it writes on those it makes. Pure.

import type { Job, JobSpec, Pod, PodTemplateSpec } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { podCondition } from "../pods/pod-state.ts";

export const trackingFinalizer = "batch.kubernetes.io/job-tracking";
export const indexAnnotation = "batch.kubernetes.io/job-completion-index";
const indexVariable = "JOB_COMPLETION_INDEX";
const longestGenerateName = 58;

export function isIndexed({ spec }: Job): boolean {
  return spec?.completionMode === "Indexed";
}

export function isSuspended({ spec }: Job): boolean {
  return spec?.suspend ?? false;
}

export function hasLimitPerIndex({ spec }: Job): boolean {
  return spec?.backoffLimitPerIndex !== undefined;
}

/** Complete or Failed: nothing changes any more. */
export function isJobFinished({ status }: Job): boolean {
  return (
    status?.conditions?.some(
      (condition) => (condition.type === "Complete" || condition.type === "Failed") && condition.status === "True",
    ) ?? false
  );
}

/** Another controller has been asked to see to the Job. */
export function isManagedElsewhere({ spec }: Job): boolean {
  return spec?.managedBy !== undefined && spec.managedBy !== "kubernetes.io/job-controller";
}

/** Not counted yet: the finalizer goes when the pod is in the Job's status. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** The index the pod works on; undefined where it has none. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[indexAnnotation];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** The index, if it is one of the Job's. */
export function validIndexOf(pod: Pod, { spec }: Job): number | undefined {
  const index = indexOf(pod);
  return index !== undefined && index < (spec?.completions ?? 0) ? index : undefined;
}

/** A pod is only replaced once it has failed, not already when it is on its way out. */
export function replacesFailedOnly({ spec }: Job): boolean {
  return spec?.podReplacementPolicy === "Failed" || spec?.podFailurePolicy !== undefined;
}

/** Pods on their way out count as failed: those nobody runs any more would never say so. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  const phase = pod.status?.phase;
  if (phase === "Failed") return true;
  if (replacesFailedOnly(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && phase !== "Succeeded";
}

/** When the pod ended, by its containers, its readiness, its deletion, or, for lack of all, its creation. */
export function finishedAtMs(pod: Pod): number {
  const { metadata } = pod;
  const ready = podCondition(pod, "Ready");
  const notReadySince = ready?.status === "False" ? parseTime(ready.lastTransitionTime) : undefined;
  const deletedAt = parseTime(metadata.deletionTimestamp);
  const graceMs = (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  return (
    containersFinishedAt(pod) ??
    notReadySince ??
    (deletedAt === undefined ? undefined : deletedAt - graceMs) ??
    parseTime(metadata.creationTimestamp) ??
    0
  );
}

/** Undefined where one has not ended, or does not say when. */
function containersFinishedAt({ spec, status }: Pod): number | undefined {
  const sidecars = new Set(
    spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name),
  );
  const statuses = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  const times = statuses.map(({ state }) => parseTime(state?.terminated?.finishedAt));
  const known = times.filter((time) => time !== undefined);
  return known.length === times.length && known.length > 0 ? Math.max(...known) : undefined;
}

/** The Job's template with what every pod of it gets. */
export function trackedTemplate({ template }: JobSpec): PodTemplateSpec {
  const finalizers = new Set([...(template.metadata?.finalizers ?? []), trackingFinalizer]);
  return { ...template, metadata: { ...template.metadata, finalizers: [...finalizers] } };
}

/** The template of the pod for one index. */
export function indexedTemplate(
  template: PodTemplateSpec,
  { jobName, index, annotations }: { jobName: string; index: number; annotations?: Record<string, string> },
): PodTemplateSpec {
  const { metadata, spec = { containers: [] } } = template;
  const value = String(index);
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, [indexAnnotation]: value },
      annotations: { ...metadata?.annotations, [indexAnnotation]: value, ...annotations },
    },
    spec: {
      ...spec,
      hostname: `${jobName}-${index}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withIndexVariable) }),
    },
  };
}

export function indexedGenerateName(jobName: string, index: number): string {
  const suffix = `-${index}-`;
  return `${jobName.slice(0, longestGenerateName - suffix.length)}${suffix}`;
}

type Container = NonNullable<PodTemplateSpec["spec"]>["containers"][number];

function withIndexVariable(container: Container): Container {
  if (container.env?.some(({ name }) => name === indexVariable)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${indexAnnotation}']` };
  return { ...container, env: [...(container.env ?? []), { name: indexVariable, valueFrom: { fieldRef } }] };
}
