// The last look: every node Ready.

import { waitForNodes, withClusterClient } from "#addons";
import { UserError } from "#shared";
import { type PlanInput, wantedNodes } from "../plan-input.ts";
import type { Step } from "../step.ts";

export const nodesReadyStep = "verify/nodes";
const nodesTimeoutMs = 120_000;

/** Waits for every node; with a network plug-in of one's own nodes stay NotReady until it is there. */
export function createNodesReadyStep(input: PlanInput, needs: readonly string[]): Step {
  const names = wantedNodes(input);
  return {
    id: nodesReadyStep,
    phase: "verify",
    title: names.length === 1 ? "Wait for the node to be ready" : `Wait for ${names.length} nodes to be ready`,
    needs,
    check: async () =>
      names.length === 0 || input.config.network.plugin === "none"
        ? { state: "done" }
        : { state: "missing", reason: "is looked at each time" },
    async apply({ signal, report }) {
      const timeout = AbortSignal.timeout(nodesTimeoutMs);
      const missing = { names: names as readonly string[] };
      const onProgress = (now: readonly string[]) => {
        missing.names = now;
        report(now.length > 3 ? `${names.length - now.length} of ${names.length}` : now.join(", "));
      };
      try {
        await withClusterClient(input.paths.kubeconfig, (client) =>
          waitForNodes(client, names, { signal: AbortSignal.any([signal, timeout]), onProgress }),
        );
      } catch (error) {
        if (!timeout.aborted || signal.aborted) throw error;
        throw new UserError(`${missing.names.join(", ")} not ready after ${nodesTimeoutMs / 1000} s`, {
          hints: ["See why: slipway kubectl describe node", "And: slipway logs"],
          cause: error,
        });
      }
    },
  };
}
