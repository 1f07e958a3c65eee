// What a pod worker is doing: the states a pod goes through on its node, each with its own promise. Always forwards.

import type { PodStatus } from "#kubernetes/api";

export type PodWork =
  /** The pod is to run: its sandbox, volumes and containers are made and kept as the spec says. */
  | { readonly state: "syncing" }
  /**
   * No container may start any more. Those that run are being stopped, each with its preStop hook and grace period. Ends when
   * none runs. From here on the pod's containers only become fewer.
   */
  | {
      readonly state: "terminating";
      readonly gracePeriodSeconds: number;
      /** What the status is to say of the end, such as that the pod was evicted. */
      readonly finalStatus?: ((status: PodStatus) => PodStatus) | undefined;
    }
  /** Nothing of the pod runs. Its volumes, control groups and watches are being taken away. */
  | { readonly state: "terminated" }
  /** Nothing of the pod is left but its status, logs and ended containers. The worker has ended. */
  | { readonly state: "finished" };

/** How a pod is to be stopped. */
export interface KillOptions {
  /** Instead of what the pod's spec or deletion says, if shorter. */
  readonly gracePeriodSeconds?: number;
  readonly finalStatus?: (status: PodStatus) => PodStatus;
}

/**
 * The period to stop in: the shortest of those asked for so far, else the pod's own; at least a second, so that SIGTERM comes
 * before SIGKILL.
 */
export function effectiveGracePeriod(periods: {
  readonly current?: number | undefined;
  readonly deletion?: number | undefined;
  readonly asked?: number | undefined;
  readonly own?: number | undefined;
}): number {
  const { current, deletion, asked, own } = periods;
  const known = [current, deletion, asked].filter((period) => period !== undefined);
  const period = known.length > 0 ? Math.min(...known) : (own ?? 1);
  return Math.max(1, period);
}
