// A pod in the scheduling queue, with what the queue knows of its earlier attempts.

import type { PodInfo } from "../cluster/pod-info.ts";

export interface QueuedPod {
  info: PodInfo;
  /** When it was added, or last found unschedulable. */
  timestampMs: number;
  /** Grows with each pod that is added: of two of the same time the earlier one. */
  readonly sequence: number;
  attempts: number;
  /** When it was first tried; undefined where it has only ever been gated. */
  firstAttemptMs: number | undefined;
  /** How often it was found unschedulable. */
  unschedulableCount: number;
  /** How often in a row something went wrong. */
  errorCount: number;
  /** 0 where not worked out yet. */
  backoffUntilMs: number;
  /** Plug-ins that rejected it in its last attempt. */
  unschedulablePlugins: Set<string>;
  /** Those of them that want it tried again as soon as what they wait for has come. */
  pendingPlugins: Set<string>;
  /** The plug-in whose PreEnqueue keeps it out; "" where none does. */
  gatingPlugin: string;
}

export function makeQueuedPod(info: PodInfo, nowMs: number, sequence: number): QueuedPod {
  return {
    info,
    timestampMs: nowMs,
    sequence,
    attempts: 0,
    firstAttemptMs: undefined,
    unschedulableCount: 0,
    errorCount: 0,
    backoffUntilMs: 0,
    unschedulablePlugins: new Set(),
    pendingPlugins: new Set(),
    gatingPlugin: "",
  };
}

/** Whether plug-ins rejected it; otherwise its last attempt ended with an error, or there was none. */
export function hasRejectors({ unschedulablePlugins, pendingPlugins }: QueuedPod): boolean {
  return unschedulablePlugins.size > 0 || pendingPlugins.size > 0;
}

export function isRejectedBy({ unschedulablePlugins, pendingPlugins }: QueuedPod, plugin: string): boolean {
  return unschedulablePlugins.has(plugin) || pendingPlugins.has(plugin);
}
