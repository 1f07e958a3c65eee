// The conditions the kubelet sets on a pod: scheduled, ready to start, initialized, containers ready, ready. Pure.

import type { ContainerStatus, PodCondition } from "#kubernetes/api";
import { someoneRestartsAll } from "../plan/should-run.ts";
import { type BoundPod, isSidecar } from "../pod/bound-pod.ts";
import { mayRestartAllContainers } from "../pod/restart-rules.ts";
import { judgeSandbox, type ObservedPod } from "../runtime/observed.ts";
import type { PodPhase } from "./phase.ts";

/** What the kubelet alone decides; other conditions belong to others and are left as they are. */
export const kubeletConditions: ReadonlySet<string> = new Set([
  "PodScheduled",
  "Ready",
  "Initialized",
  "ContainersReady",
  "PodReadyToStartContainers",
  "AllContainersRestarting",
  "PodResizeInProgress",
  "PodResizePending",
]);

export interface ConditionInputs {
  readonly pod: BoundPod;
  readonly observed: ObservedPod;
  readonly phase: PodPhase;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  readonly old: readonly PodCondition[];
  /** The conditions of others, which readiness gates name. */
  readonly foreign: readonly PodCondition[];
}

/** In upstream's order, without times. */
export function podConditions(inputs: ConditionInputs): PodCondition[] {
  const { pod, observed } = inputs;
  const observedGeneration = pod.metadata.generation;
  const isReady = containersReady(inputs);
  const restarting = mayRestartAllContainers(pod.spec) ? [allContainersRestarting(inputs)] : [];
  const conditions: PodCondition[] = [
    { type: "PodReadyToStartContainers", ...verdict(!judgeSandbox(observed, pod.spec.hostNetwork ?? false).needed) },
    { type: "Initialized", ...initialized(inputs) },
    { type: "Ready", ...ready(inputs, isReady) },
    { type: "ContainersReady", ...isReady },
    { type: "PodScheduled", status: "True" },
  ];
  const shown = observedGeneration === undefined ? {} : { observedGeneration };
  return [...conditions.map((condition) => ({ ...condition, ...shown })), ...restarting];
}

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;

function verdict(isTrue: boolean, reason?: string, message?: string): Verdict {
  return { status: isTrue ? "True" : "False", ...(reason && { reason }), ...(message && { message }) };
}

/** Every regular container and sidecar is ready. */
export function containersReady(inputs: Pick<ConditionInputs, "pod" | "phase" | "statuses" | "initStatuses">): Verdict {
  const { pod, phase, statuses, initStatuses } = inputs;
  const all = [...initStatuses, ...statuses];
  const counted = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers].map(
    ({ name }) => name,
  );
  const unknown = counted.filter((name) => !all.some((status) => status.name === name));
  const unready = counted.filter((name) => all.some((status) => status.name === name && !status.ready));
  if (phase === "Succeeded" && unknown.length === 0) return verdict(false, "PodCompleted");
  if (phase === "Failed") return verdict(false, "PodFailed");
  const message = describeContainers(unknown, "unready", unready);
  return message === "" ? verdict(true) : verdict(false, "ContainersNotReady", message);
}

/** The containers are ready, and so is everything the pod's readiness gates name. */
export function ready(inputs: Pick<ConditionInputs, "pod" | "foreign">, isReady: Verdict): Verdict {
  if (isReady.status !== "True") return isReady;
  const messages = (inputs.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = inputs.foreign.find(({ type }) => type === conditionType);
    const gate = JSON.stringify(conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate ${gate} does not exist.`];
    if (condition.status === "True") return [];
    return [`the status of pod readiness gate ${gate} is not "True", but ${condition.status}`];
  });
  return messages.length === 0 ? verdict(true) : verdict(false, "ReadinessGatesNotReady", messages.join(", "));
}

function initialized({ pod, phase, statuses, initStatuses, old }: ConditionInputs): Verdict {
  const names = (pod.spec.initContainers ?? []).map(({ name }) => name);
  const unknown = names.filter((name) => !initStatuses.some((status) => status.name === name));
  const incomplete = (pod.spec.initContainers ?? [])
    .filter((container) => {
      const status = initStatuses.find(({ name }) => name === container.name);
      return status && !(isSidecar(container) ? status.started : status.ready);
    })
    .map(({ name }) => name);
  if (phase === "Succeeded" && unknown.length === 0) return verdict(true, "PodCompleted");
  if (statuses.some(({ state }) => state?.running || state?.terminated)) return verdict(true);
  const message = describeContainers(unknown, "incomplete", incomplete);
  const wasInitialized = old.some(({ type, status }) => type === "Initialized" && status === "True");
  if (message === "" || wasInitialized) return verdict(true);
  return verdict(false, "ContainersNotInitialized", message);
}

function allContainersRestarting({ pod, observed, phase }: ConditionInputs): PodCondition {
  const type = "AllContainersRestarting";
  if (phase === "Succeeded") return { type, ...verdict(false, "PodCompleted") };
  if (phase === "Failed") return { type, ...verdict(false, "PodFailed") };
  if (!someoneRestartsAll(pod, observed)) return { type, ...verdict(false) };
  return { type, ...verdict(true, "RestartAllContainersStarted", "container exited with restart policy rule") };
}

/** Lists are written as Go writes them: [a b]. */
function describeContainers(unknown: readonly string[], word: string, others: readonly string[]): string {
  return [
    ...(unknown.length > 0 ? [`containers with unknown status: [${unknown.join(" ")}]`] : []),
    ...(others.length > 0 ? [`containers with ${word} status: [${others.join(" ")}]`] : []),
  ].join(", ");
}
