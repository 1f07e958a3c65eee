// Says of a pod, before it is deleted, why: Jobs count such pods differently.

import { type Pod, type PodCondition, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { formatTime } from "#kubernetes/runtime";
import { podCondition } from "./pod-state.ts";

export interface DisruptionReason {
  readonly reason: string;
  readonly message: string;
}

/** The condition to set; undefined where the pod has it. */
export function disruptionTarget(pod: Pod, why: DisruptionReason, nowMs: number): PodCondition | undefined {
  const present = podCondition(pod, "DisruptionTarget");
  const isSame = present?.status === "True" && present.reason === why.reason && present.message === why.message;
  if (isSame) return undefined;
  const { generation } = pod.metadata;
  const lastTransitionTime = present?.status === "True" ? present.lastTransitionTime : undefined;
  return {
    type: "DisruptionTarget",
    status: "True",
    ...why,
    lastTransitionTime: lastTransitionTime ?? formatTime(nowMs),
    ...(generation !== undefined && { observedGeneration: generation }),
  };
}

/** Patches a pod's status; refused where the name means another pod by now. */
export async function patchPodStatus(
  client: Client,
  { metadata: { namespace, name = "", uid } }: Pod,
  status: NonNullable<Pod["status"]>,
  signal: AbortSignal,
): Promise<Pod> {
  const patch = { type: "strategic", body: { metadata: { uid }, status } } as const;
  return client.patch(resources.pods, { namespace, name }, patch, { subresource: "status", signal });
}
