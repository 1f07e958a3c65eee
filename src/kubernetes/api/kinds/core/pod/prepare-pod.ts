// What the server makes of a pod before it is checked: a fresh status, gates, selectors completed by the pod's own labels.

import type { LabelSelector, PodSpec, PodStatus } from "../../../generated/types.ts";
import { deepEqual } from "../../values/semantic-equal.ts";
import { syncServiceAccount } from "../pod-spec/default-pod-spec.ts";
import { dropDisabledFields } from "../pod-spec/drop-disabled-fields.ts";
import { allContainers } from "../pod-spec/pod-check.ts";
import { appArmorPrefix, appArmorProfileOf } from "../pod-spec/validate-annotations.ts";
import { podAffinityTerms } from "../scheduling/affinity.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { applyGatedCondition } from "./pod-conditions.ts";
import { qualityOfService } from "./quality-of-service.ts";

export function preparePodForCreate(pod: DecodedPod, now: number): void {
  pod.status = { phase: "Pending", qosClass: pod.status.qosClass || qualityOfService(pod.spec) };
  dropDisabledFields(pod.spec, undefined);
  syncServiceAccount(pod.spec);
  applyGatedCondition(pod, now);
  completeSelectors(pod);
  applyAppArmorAnnotations(pod);
}

export function preparePodForUpdate(pod: DecodedPod, old: DecodedPod): void {
  pod.status = old.status;
  dropDisabledFields(pod.spec, old.spec);
  syncServiceAccount(pod.spec);
}

export function preparePodForStatusUpdate(pod: DecodedPod, old: DecodedPod): void {
  const { metadata, status } = pod;
  pod.spec = old.spec;
  delete metadata.deletionTimestamp;
  if (old.metadata.ownerReferences) metadata.ownerReferences = old.metadata.ownerReferences;
  else delete metadata.ownerReferences;
  if (!status.qosClass && old.status.qosClass) status.qosClass = old.status.qosClass;
  keepObservedGeneration(status, old.status);
  dropDisabledStatus(status, old.status);
}

/** Clients from before the field was there do not send it. */
function keepObservedGeneration(status: PodStatus, old: PodStatus): void {
  if (!status.observedGeneration && old.observedGeneration) status.observedGeneration = old.observedGeneration;
  if (!status.conditions) return;
  const oldConditions = [...(old.conditions ?? [])];
  for (const condition of status.conditions) {
    const index = oldConditions.findIndex((candidate) => candidate.type === condition.type);
    const [known] = index < 0 ? [] : oldConditions.splice(index, 1);
    if (!condition.observedGeneration && known?.observedGeneration) {
      condition.observedGeneration = known.observedGeneration;
    }
  }
}

/** DRANodeAllocatableResources and ImageVolumeWithDigest are off. */
function dropDisabledStatus(status: PodStatus, old: PodStatus): void {
  if (!old.nodeAllocatableResourceClaimStatuses) delete status.nodeAllocatableResourceClaimStatuses;
  const mounts = mountStatusesOf(status);
  if (!mounts.some(({ volumeStatus }) => volumeStatus)) return;
  if (mountStatusesOf(old).some(({ volumeStatus }) => volumeStatus)) return;
  for (const mount of mounts) delete mount.volumeStatus;
}

function mountStatusesOf(status: PodStatus): { volumeStatus?: unknown }[] {
  const lists = [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses];
  return lists.flatMap((list) => (list ?? []).flatMap(({ volumeMounts }) => volumeMounts ?? []));
}

interface LabelKeys {
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
  readonly labelSelector?: LabelSelector;
}

/** matchLabelKeys and mismatchLabelKeys become expressions with the values the pod's labels have now. */
function completeSelectors({ metadata, spec }: DecodedPod): void {
  const labels = metadata.labels ?? {};
  const terms: LabelKeys[] = [...podAffinityTerms(spec.affinity), ...spreadConstraints(spec)];
  for (const { matchLabelKeys, mismatchLabelKeys, labelSelector } of terms) {
    if (!labelSelector) continue;
    addExpressions(labelSelector, matchLabelKeys ?? [], "In", labels);
    addExpressions(labelSelector, mismatchLabelKeys ?? [], "NotIn", labels);
  }
}

function spreadConstraints({ topologySpreadConstraints }: PodSpec): LabelKeys[] {
  return topologySpreadConstraints ?? [];
}

function addExpressions(
  selector: LabelSelector,
  keys: readonly string[],
  operator: "In" | "NotIn",
  labels: Readonly<Record<string, string>>,
): void {
  for (const key of keys) {
    const value = labels[key];
    if (value === undefined) continue;
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }];
  }
}

/** The field is set from the annotation of a container, where that says something else than the pod's own field. */
function applyAppArmorAnnotations({ metadata, spec }: DecodedPod): void {
  const { annotations } = metadata;
  if (!annotations || spec.os?.name === "windows") return;
  for (const container of allContainers(spec)) {
    const annotation = annotations[appArmorPrefix + container.name];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const appArmorProfile = appArmorProfileOf(annotation);
    if (!appArmorProfile || isPadded(appArmorProfile.localhostProfile)) continue;
    if (deepEqual(appArmorProfile, spec.securityContext?.appArmorProfile)) continue;
    container.securityContext = { ...container.securityContext, appArmorProfile };
  }
}

function isPadded(profile = ""): boolean {
  return profile.trim() !== profile || Buffer.byteLength(profile) > 4095;
}
