// Asks filters one after the other until one says no. The innermost loop of scheduling.

import type { NodeInfo } from "../cluster/node-info.ts";
import type { PodInfo } from "../cluster/pod-info.ts";
import type { Plugin } from "../framework.ts";
import { type Rejection, type Success, success } from "../status.ts";
import { pluginError } from "./plugin-error.ts";

/** A filter and what its preFilter handed over. */
export interface FilterRun {
  readonly plugin: Plugin;
  readonly state: unknown;
}

export function runFilters(runs: readonly FilterRun[], pod: PodInfo, node: NodeInfo): Success | Rejection {
  let running: Plugin | undefined;
  try {
    for (const { plugin, state } of runs) {
      running = plugin;
      const status = plugin.filter!(state, pod, node);
      if (status !== success && status.code !== "Success") return status;
    }
    return success;
  } catch (error) {
    throw pluginError(`running "${running?.name}" filter plugin`, error);
  }
}
