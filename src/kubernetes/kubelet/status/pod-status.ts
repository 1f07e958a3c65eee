// A pod's whole status, made from scratch each time from what there is to see. Pure.

import type { PodCondition, PodStatus } from "#kubernetes/api";
import { someoneRestartsAll } from "../plan/should-run.ts";
import { type BoundPod, isTerminalPhase } from "../pod/bound-pod.ts";
import { podLimits, podRequests, qosClassOf } from "../pod/resources.ts";
import type { ProbeManager } from "../probes/probe-manager.ts";
import { activeSandboxOf, type ObservedPod } from "../runtime/observed.ts";
import { kubeletConditions, podConditions } from "./conditions.ts";
import { containerStatuses, type StatusInputs } from "./container-statuses.ts";
import { type PodPhase, podPhase } from "./phase.ts";

export interface PodStatusInputs extends Omit<StatusInputs, "restartingAll"> {
  /** Nothing of the pod will run any more. */
  readonly isTerminal: boolean;
  readonly probes: Pick<ProbeManager, "judge">;
  readonly hostIPs: readonly string[];
  /** How far a change of the pod's resources is. */
  readonly resizeConditions: readonly PodCondition[];
  /** The pod has used up its activeDeadlineSeconds. */
  readonly isPastDeadline: boolean;
}

/** Without times of conditions and start: the status keeper knows what was before. */
export function makePodStatus(inputs: PodStatusInputs): PodStatus {
  const { pod, observed, old, probes, isTerminal } = inputs;
  const statusInputs: StatusInputs = { ...inputs, restartingAll: isRestartingAll(pod, observed, old) };
  const init = probes.judge(pod, containerStatuses(statusInputs, "init"), "init");
  const regular = probes.judge(pod, containerStatuses(statusInputs, "regular"), "regular");
  const ephemeral = containerStatuses(statusInputs, "ephemeral");
  const hasInitialized = hasActiveRegularContainer(pod, observed);
  const computed = podPhase({ pod, statuses: [...regular, ...init], isTerminal, hasInitialized });
  const ending = endingOf(inputs, computed);
  const foreign = (pod.status.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type));
  const disruption = old.conditions?.find(({ type }) => type === "DisruptionTarget");
  const conditions = podConditions({
    pod,
    observed,
    phase: ending.phase,
    initStatuses: init,
    statuses: regular,
    old: old.conditions ?? [],
    foreign,
  });
  return {
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    ...ending,
    conditions: [...replaceOrAppend([...foreign, ...inputs.resizeConditions], disruption), ...conditions],
    ...addressesOf(inputs),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: regular,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
    qosClass: qosClassOf(pod),
    ...podLevelResources(pod),
  };
}

type Ending = Pick<PodStatus, "reason" | "message"> & { readonly phase: PodPhase };

/** A pod that has ended stays ended, and keeps its reason. */
function endingOf({ pod, old, isPastDeadline }: PodStatusInputs, computed: PodPhase): Ending {
  const ended = [old.phase, pod.status.phase].find(isTerminalPhase) as PodPhase | undefined;
  const phase = isTerminalPhase(computed) ? computed : (ended ?? computed);
  const final = isTerminalPhase(pod.status.phase) ? (pod.status.phase as PodPhase) : phase;
  if (isPastDeadline && !isTerminalPhase(pod.status.phase)) {
    const message = "Pod was active on the node longer than the specified deadline";
    return { phase: "Failed", reason: "DeadlineExceeded", message };
  }
  if (final !== old.phase) return { phase: final };
  const reason = old.reason || pod.status.reason;
  const message = old.message || pod.status.message;
  return { phase: final, ...(reason && { reason }), ...(message && { message }) };
}

function addressesOf({ pod, observed, hostIPs }: PodStatusInputs): PodStatus {
  const own = sortByFamily(observed.ips, hostIPs);
  const ips = own.length === 0 && pod.spec.hostNetwork ? hostIPs : own;
  const [hostIP] = hostIPs;
  return {
    ...(hostIP !== undefined && { hostIP, hostIPs: hostIPs.map((ip) => ({ ip })) }),
    ...(ips[0] !== undefined && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
  };
}

/** One address of each family, the node's family first. */
export function sortByFamily(ips: readonly string[], hostIPs: readonly string[]): string[] {
  const isV6 = (ip: string) => ip.includes(":");
  const nodeIsV6 = hostIPs[0] !== undefined && isV6(hostIPs[0]);
  const first = ips.find((ip) => isV6(ip) === nodeIsV6);
  const second = ips.find((ip) => isV6(ip) !== nodeIsV6);
  return [first, second].filter((ip) => ip !== undefined);
}

function hasActiveRegularContainer(pod: BoundPod, observed: ObservedPod): boolean {
  const sandbox = activeSandboxOf(observed);
  if (!sandbox) return false;
  const names = new Set(pod.spec.containers.map(({ name }) => name));
  return observed.containers.some(({ name, sandboxId }) => sandboxId === sandbox.id && names.has(name));
}

/** From the end that set it off until every container is gone. */
export function isRestartingAll(pod: BoundPod, observed: ObservedPod, old: PodStatus): boolean {
  if (someoneRestartsAll(pod, observed)) return true;
  const marked = old.conditions?.some(({ type, status }) => type === "AllContainersRestarting" && status === "True");
  return marked ?? false;
}

function podLevelResources(pod: BoundPod): PodStatus {
  const requests = podRequests(pod.spec);
  const limits = podLimits(pod.spec);
  const hasAny = Object.keys(requests).length > 0;
  return {
    ...(hasAny && { allocatedResources: { ...requests } }),
    resources: {
      ...(hasAny && { requests: { ...requests } }),
      ...(Object.keys(limits).length > 0 && { limits: { ...limits } }),
    },
  };
}

function replaceOrAppend(list: readonly PodCondition[], condition: PodCondition | undefined): PodCondition[] {
  if (!condition) return [...list];
  return [...list.filter(({ type }) => type !== condition.type), condition];
}

/** The status as soon as the pod has its sandbox, before any container is made: pulling images may take long. */
export function withSandbox(status: PodStatus, ips: readonly string[]): PodStatus {
  const conditions = (status.conditions ?? []).map(
    (condition): PodCondition =>
      condition.type === "PodReadyToStartContainers" ? { ...condition, status: "True" } : condition,
  );
  const [podIP] = ips;
  return { ...status, conditions, ...(podIP !== undefined && { podIP, podIPs: ips.map((ip) => ({ ip })) }) };
}
