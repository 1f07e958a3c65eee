// Writes what the scheduler has to say into a pod's status: the PodScheduled condition and the nominated node.

import { isNotFound, isStatusError, type Pod, type PodCondition, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { formatTime } from "#kubernetes/runtime";
import type { Clock } from "#shared";

export interface PodStatusChange {
  readonly condition?: Pick<PodCondition, "type" | "status" | "reason" | "message">;
  /** "" takes a nomination back. */
  readonly nominatedNodeName?: string | undefined;
}

export interface PodStatusContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const mostTries = 4;
const firstRetryMs = 10;

/** Patches the pod's status where something changes; answers whether it did. A pod that is gone is fine. */
export async function patchPodStatus(pod: Pod, change: PodStatusChange, context: PodStatusContext): Promise<boolean> {
  const status = statusPatch(pod, change, context.clock.now());
  if (!status) return false;
  const { client, clock, signal } = context;
  const { namespace = "", name = "" } = pod.metadata;
  const body = { status };
  for (let tries = 1; ; tries++) {
    try {
      const patch = { type: "strategic", body } as const;
      await client.patch(resources.pods, { namespace, name }, patch, { subresource: "status", signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      if (tries === mostTries || !isWorthRetrying(error)) throw error;
      await clock.sleep(firstRetryMs * 5 ** (tries - 1), signal);
    }
  }
}

/** What the server refuses for good is not asked again; a conflict, trouble of its own, or a server out of reach may pass. */
function isWorthRetrying(error: unknown): boolean {
  return !isStatusError(error) || ["Conflict", "InternalError", "ServiceUnavailable"].includes(error.reason);
}

/** The status part of a strategic merge patch; undefined where nothing changes. */
export function statusPatch(
  pod: Pod,
  { condition, nominatedNodeName }: PodStatusChange,
  nowMs: number,
): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  const changed = condition && changedCondition(pod, condition, nowMs);
  if (changed) patch["conditions"] = [changed];
  if (nominatedNodeName !== undefined && nominatedNodeName !== (pod.status?.nominatedNodeName ?? "")) {
    patch["nominatedNodeName"] = nominatedNodeName || null;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function changedCondition(
  { metadata, status }: Pod,
  wanted: NonNullable<PodStatusChange["condition"]>,
  nowMs: number,
): object | undefined {
  const old = status?.conditions?.find(({ type }) => type === wanted.type);
  const isSame = old?.status === wanted.status && old.reason === wanted.reason && old.message === wanted.message;
  if (isSame) return undefined;
  const lastTransitionTime = old?.status === wanted.status ? old.lastTransitionTime : undefined;
  return {
    ...wanted,
    lastProbeTime: null,
    lastTransitionTime: lastTransitionTime ?? formatTime(nowMs),
    ...(metadata.generation && { observedGeneration: metadata.generation }),
  };
}
