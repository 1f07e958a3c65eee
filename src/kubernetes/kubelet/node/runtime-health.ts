// Whether the container runtime is well, and whether it can give pods a network.

import type { CriClient } from "../cri/cri-client.ts";
import type { CriAnswer } from "../cri/protocol.ts";

export interface RuntimeHealth {
  /** Why no container can run; undefined: they can. Upstream's words. */
  readonly runtimeProblem: string | undefined;
  /** Why pods can't have a network. */
  readonly networkProblem: string | undefined;
  readonly handlers: readonly CriAnswer<"RuntimeHandler">[];
  readonly supplementalGroupsPolicy: boolean | undefined;
}

const patienceMs = 5000;

/** Never throws: a runtime that does not answer is down. */
export async function checkRuntime(cri: CriClient, signal?: AbortSignal): Promise<RuntimeHealth> {
  try {
    const { status, runtimeHandlers, features } = await cri.call("Status", {}, { signal, timeoutMs: patienceMs });
    return {
      runtimeProblem: problemOf(status, "RuntimeReady", "container runtime not ready"),
      networkProblem: problemOf(status, "NetworkReady", "container runtime network not ready"),
      handlers: runtimeHandlers,
      supplementalGroupsPolicy: features?.supplementalGroupsPolicy,
    };
  } catch {
    const runtimeProblem = "container runtime is down";
    return { runtimeProblem, networkProblem: undefined, handlers: [], supplementalGroupsPolicy: undefined };
  }
}

function problemOf(status: CriAnswer<"RuntimeStatus"> | undefined, type: string, words: string): string | undefined {
  const condition = status?.conditions.find((each) => each.type === type);
  if (condition?.status) return undefined;
  const { reason = "", message = "" } = condition ?? {};
  return `${words}: ${type}=false reason:${reason} message:${message}`;
}
