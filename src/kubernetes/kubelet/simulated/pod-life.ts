// How simulated pods live where no stages say otherwise: they run at once, those of Jobs complete, deleted ones go. Pure.

import type { ContainerStatus, Pod, PodCondition, PodStatus } from "#kubernetes/api";
import { formatTime } from "#kubernetes/runtime";
import { isTerminalPhase } from "../pod/bound-pod.ts";
import { computeQosClass } from "../pod/resources.ts";

export type PodStep = "run" | "recover" | "complete" | "remove";

/** What is next for a pod that is bound; undefined: nothing. */
export function nextPodStep({ metadata, status }: Pod): PodStep | undefined {
  if (metadata.deletionTimestamp !== undefined) return "remove";
  if (isTerminalPhase(status?.phase)) return undefined;
  if (status?.phase !== "Running") return "run";
  const isOfJob = metadata.ownerReferences?.some(({ kind, controller }) => kind === "Job" && controller);
  if (isOfJob) return "complete";
  return isHeldUnready(status) ? "recover" : undefined;
}

/** Its containers are ready and it is not: its node was thought to be lost, as when this machine had slept. */
function isHeldUnready({ conditions = [], containerStatuses = [] }: PodStatus): boolean {
  const ready = conditions.find(({ type }) => type === "Ready");
  return ready?.status === "False" && containerStatuses.length > 0 && containerStatuses.every((each) => each.ready);
}

export interface PodPlace {
  readonly hostIPs: readonly string[];
  readonly podIPs: readonly string[];
  readonly nowMs: number;
}

/** The whole status of a pod that runs and is ready, gates included. */
export function runningStatus(pod: Pod, { hostIPs, podIPs, nowMs }: PodPlace): PodStatus {
  const now = formatTime(nowMs);
  const { containers, initContainers = [], readinessGates = [] } = pod.spec ?? { containers: [] };
  const { generation } = pod.metadata;
  const isOwn = new Set<string>([...conditionTypes, ...readinessGates.map(({ conditionType }) => conditionType)]);
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !isOwn.has(type));
  const conditions = [...isOwn].map(
    (type): PodCondition => ({
      type,
      status: "True",
      lastTransitionTime: now,
      ...(generation !== undefined && { observedGeneration: generation }),
    }),
  );
  const run = (name: string, image = ""): ContainerStatus => ({
    ...started(name, image, pod),
    ready: true,
    started: true,
    state: { running: { startedAt: now } },
  });
  const init = initContainers.map(
    ({ name, image = "", restartPolicy }): ContainerStatus =>
      restartPolicy === "Always"
        ? run(name, image)
        : {
            ...started(name, image, pod),
            ready: true,
            started: false,
            state: { terminated: { exitCode: 0, reason: "Completed", startedAt: now, finishedAt: now } },
          },
  );
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase: "Running",
    conditions: [...others, ...conditions],
    containerStatuses: containers.map(({ name, image }) => run(name, image)),
    ...(init.length > 0 && { initContainerStatuses: init }),
    ...(hostIPs[0] !== undefined && { hostIP: hostIPs[0], hostIPs: hostIPs.map((ip) => ({ ip })) }),
    ...(podIPs[0] !== undefined && { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) }),
    qosClass: pod.status?.qosClass ?? computeQosClass(pod.spec ?? { containers: [] }),
    startTime: pod.status?.startTime ?? now,
  };
}

const conditionTypes = [
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
] as const;

/** Every container has ended well. */
export function completedStatus({ status = {} }: Pod, nowMs: number): PodStatus {
  const now = formatTime(nowMs);
  const unready = new Set(["Ready", "ContainersReady"]);
  return {
    ...status,
    phase: "Succeeded",
    conditions: (status.conditions ?? []).map(
      (condition): PodCondition =>
        unready.has(condition.type)
          ? { ...condition, status: "False", reason: "PodCompleted", lastTransitionTime: now }
          : condition,
    ),
    containerStatuses: (status.containerStatuses ?? []).map((each): ContainerStatus => {
      const startedAt = each.state?.running?.startedAt;
      const terminated = { exitCode: 0, reason: "Completed", finishedAt: now, ...(startedAt && { startedAt }) };
      return { ...each, ready: false, started: false, state: { terminated } };
    }),
  };
}

function started(name: string, image: string, { metadata: { uid } }: Pod) {
  return {
    name,
    image,
    imageID: image,
    containerID: `simulated://${uid}-${name}`,
    restartCount: 0,
    lastState: {},
  };
}
