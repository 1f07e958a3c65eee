// What the kubelet knows of a pod, put together with what the API server has: times, others' conditions, the rules of ending. Pure.

import type { ContainerStatus, PodCondition, PodStatus } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { type BoundPod, isTerminalPhase } from "../pod/bound-pod.ts";
import { mayRestartAllContainers, shouldRestart } from "../pod/restart-rules.ts";
import { kubeletConditions } from "./conditions.ts";
import { same } from "./status-patch.ts";

/** These come with their own times. */
const resizeConditions: ReadonlySet<string> = new Set(["PodResizePending", "PodResizeInProgress"]);
/** Messages of a pod's containers together may be so long. */
const longestMessages = 12 * 1024;

/** The new status with the times of the old where nothing changed, in the form in which statuses are kept. */
export function withTimes(pod: BoundPod, status: PodStatus, old: PodStatus, nowMs: number): PodStatus {
  const now = formatTime(nowMs);
  const conditions = (status.conditions ?? []).map((condition): PodCondition => {
    if (!kubeletConditions.has(condition.type) && condition.type !== "DisruptionTarget") return condition;
    if (resizeConditions.has(condition.type)) return condition;
    const before = old.conditions?.find(({ type }) => type === condition.type);
    const unchanged = before?.status === condition.status ? before.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: unchanged ?? now };
  });
  const observedGeneration = Math.max(status.observedGeneration ?? 0, old.observedGeneration ?? 0);
  return cutMessages(pod, {
    ...status,
    conditions,
    startTime: old.startTime ?? status.startTime ?? now,
    ...(observedGeneration > 0 && { observedGeneration }),
  });
}

function cutMessages(pod: BoundPod, status: PodStatus): PodStatus {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const most = Math.floor(longestMessages / (containers.length + initContainers.length + ephemeralContainers.length));
  const cut = (list: readonly ContainerStatus[] | undefined) => list?.map((each) => cutMessage(each, most));
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = status;
  return {
    ...status,
    ...(containerStatuses && { containerStatuses: cut(containerStatuses)! }),
    ...(initContainerStatuses && { initContainerStatuses: cut(initContainerStatuses)! }),
    ...(ephemeralContainerStatuses && { ephemeralContainerStatuses: cut(ephemeralContainerStatuses)! }),
  };
}

function cutMessage(status: ContainerStatus, most: number): ContainerStatus {
  const terminated = status.state?.terminated;
  if (!terminated?.message || terminated.message.length <= most) return status;
  return { ...status, state: { terminated: { ...terminated, message: terminated.message.slice(0, most) } } };
}

/** Whether the kubelet's part of two statuses is the same. */
export function sameForKubelet(a: PodStatus, b: PodStatus): boolean {
  const own = ({ conditions = [] }: PodStatus) =>
    conditions
      .filter(({ type }) => kubeletConditions.has(type) || type === "DisruptionTarget")
      .map(({ type, status, reason, message }) => [type, status, reason, message])
      .sort();
  return same({ ...a, conditions: own(a) }, { ...b, conditions: own(b) });
}

/**
 * What the API server is to have. Others' conditions are theirs as they are now. A pod is not shown as ended while anything of
 * it may still run.
 */
export function mergeStatus(server: PodStatus, own: PodStatus, mayStillRun: boolean): PodStatus {
  const foreign = (server.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type));
  const mine = (own.conditions ?? []).filter(({ type }) => kubeletConditions.has(type));
  const isEnding = !isTerminalPhase(server.phase) && isTerminalPhase(own.phase);
  const disruption = own.conditions?.find(({ type }) => type === "DisruptionTarget");
  const others =
    isEnding && !mayStillRun && disruption
      ? [...foreign.filter(({ type }) => type !== "DisruptionTarget"), disruption]
      : foreign;
  const merged: PodStatus = {
    ...own,
    conditions: [...others, ...mine],
    ...keepForeign(server),
  };
  if (isEnding && mayStillRun) {
    const { phase, reason, message } = server;
    const { phase: _phase, reason: _reason, message: _message, ...rest } = merged;
    return notReady({ ...rest, ...(phase && { phase }), ...(reason && { reason }), ...(message && { message }) }, own);
  }
  return notReady(merged, own);
}

/** Fields of the status that are other components' to set. */
function keepForeign(server: PodStatus): PodStatus {
  const {
    resourceClaimStatuses,
    extendedResourceClaimStatus,
    nodeAllocatableResourceClaimStatuses,
    nominatedNodeName,
  } = server;
  return {
    ...(resourceClaimStatuses && { resourceClaimStatuses }),
    ...(extendedResourceClaimStatus && { extendedResourceClaimStatus }),
    ...(nodeAllocatableResourceClaimStatuses && { nodeAllocatableResourceClaimStatuses }),
    ...(nominatedNodeName && { nominatedNodeName }),
  };
}

/** A pod that has ended is not ready, however it ended. */
function notReady(merged: PodStatus, own: PodStatus): PodStatus {
  if (!isTerminalPhase(merged.phase)) return merged;
  const reason = merged.phase === "Failed" ? "PodFailed" : "PodCompleted";
  const conditions = (merged.conditions ?? []).map((condition): PodCondition => {
    const isReadiness = condition.type === "Ready" || condition.type === "ContainersReady";
    if (!isReadiness || condition.status !== "True") return condition;
    const { message: _, ...rest } = condition;
    const lastTransitionTime = own.startTime ?? condition.lastTransitionTime;
    return { ...rest, status: "False", reason, ...(lastTransitionTime && { lastTransitionTime }) };
  });
  return { ...merged, conditions };
}

/**
 * Why a new status can't follow the old one: a container that has ended for good does not run again. Undefined: it can. Such a
 * status comes from a view of the runtime that has lost something.
 */
export function illegalChange(pod: BoundPod, from: PodStatus, to: PodStatus): string | undefined {
  if (pod.spec.restartPolicy === "Always" || mayRestartAllContainers(pod.spec)) return undefined;
  for (const { name, state } of from.containerStatuses ?? []) {
    const exitCode = state?.terminated?.exitCode;
    const container = pod.spec.containers.find((each) => each.name === name);
    if (exitCode === undefined || !container || shouldRestart(container, pod.spec, exitCode)) continue;
    const next = to.containerStatuses?.find((each) => each.name === name);
    if (next && !next.state?.terminated) {
      return `terminated container ${name} attempted illegal transition to non-terminated state`;
    }
  }
  return undefined;
}
