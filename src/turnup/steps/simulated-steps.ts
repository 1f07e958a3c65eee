// Simulated nodes as a step: their objects in the API, which the control plane brings to life.

import { applySimulatedNodes, areSimulatedNodesApplied, type SimulatedNodeSpec, withClusterClient } from "#addons";
import { nodeSettings } from "#bootstrap";
import { describeError } from "#shared";
import { readSimulatedNodes, writeSimulatedNodes } from "../cluster-folder.ts";
import { type PlanInput, simulatedNames } from "../plan-input.ts";
import type { Step } from "../step.ts";
import { controlPlaneStep } from "./host-steps.ts";

export const simulatedNodesStep = "bootstrap/simulated-nodes";

/** They come and go without the control plane being started anew, and go for good with its data. */
export function createSimulatedNodesStep(input: PlanInput): Step {
  const { paths } = input;
  const specs = simulatedSpecs(input);
  const names = specs.map(({ name }) => name);
  return {
    id: simulatedNodesStep,
    phase: "bootstrap",
    title: titleOf(names.length),
    needs: [controlPlaneStep],
    async check({ signal, logger }) {
      if (names.join() !== readSimulatedNodes(paths).join()) return { state: "missing", reason: "others are wanted" };
      try {
        const areApplied = await withClusterClient(paths.kubeconfig, (client) =>
          areSimulatedNodesApplied(client, specs, signal),
        );
        return areApplied ? { state: "done" } : { state: "missing", reason: "some are missing, or not as wanted" };
      } catch (error) {
        signal.throwIfAborted();
        logger.debug({ error: describeError(error) }, "cannot ask the API server");
        return { state: "missing", reason: "the API server is not up yet" };
      }
    },
    async apply({ signal }) {
      await writeSimulatedNodes(paths, names);
      await withClusterClient(paths.kubeconfig, (client) => applySimulatedNodes(client, specs, signal));
    },
  };
}

function titleOf(count: number): string {
  if (count === 0) return "Simulate no nodes";
  return count === 1 ? "Simulate one node" : `Simulate ${count} nodes`;
}

function simulatedSpecs({ config, names }: PlanInput): SimulatedNodeSpec[] {
  return [...simulatedNames(config, names)].flatMap(([pool, nodes]) => {
    const { labels, taints, capacity } = nodeSettings(config, { role: "worker", pool });
    const amounts = Object.entries(capacity).flatMap(([resource, amount]): [string, string][] =>
      amount === undefined ? [] : [[resource, String(amount)]],
    );
    return nodes.map((name) => ({ name, pool, labels, taints, capacity: Object.fromEntries(amounts) }));
  });
}
