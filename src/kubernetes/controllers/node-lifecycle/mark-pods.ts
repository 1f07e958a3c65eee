// Says of the pods of a node that fell silent that they are not ready: their kubelet cannot.

import { isNotFound, type Pod, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { type EventRecorder, formatTime, referenceTo } from "#kubernetes/runtime";
import type { OwnWrites } from "../own-writes.ts";
import { inBatches } from "../pods/batches.ts";
import { podCondition } from "../pods/pod-state.ts";

export interface MarkHands {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  readonly writes: OwnWrites;
  readonly signal: AbortSignal;
}

/** Throws the first failure after going through all; pods that are gone do not count. */
export async function markPodsNotReady(
  pods: readonly Pod[],
  nowMs: number,
  { client, pods: informer, events, writes, signal }: MarkHands,
): Promise<void> {
  await inBatches(pods.filter(saysReady), async (pod) => {
    try {
      const options = { subresource: "status", signal };
      writes.note(informer, await client.update(resources.pods, notReady(pod, nowMs), options));
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    events.warning(referenceTo(resources.pods, pod), "NodeNotReady", "Node is not ready");
  });
}

function saysReady(pod: Pod): boolean {
  const ready = podCondition(pod, "Ready");
  return ready !== undefined && ready.status !== "False";
}

function notReady(pod: Pod, nowMs: number): Pod {
  const conditions = pod.status?.conditions?.map((condition) =>
    condition.type === "Ready" ? { ...condition, status: "False", lastTransitionTime: formatTime(nowMs) } : condition,
  );
  return { ...pod, status: { ...pod.status, ...(conditions && { conditions }) } };
}
