// What the cluster itself is told when all its machines have joined: their labels, which nodes may not give themselves.

import { labelNode, type MachineNote, noteMachines, readMachineNotes, withClusterClient } from "#addons";
import { nodeSettings } from "#bootstrap";
import { describeError } from "#shared";
import { type PlanInput, wantedMachines } from "../plan-input.ts";
import type { Step } from "../step.ts";
import { recordedMachines } from "./remote-cluster.ts";

export const labelsStep = "bootstrap/labels";

/** `needs` is what makes every machine a node, and the API reachable. */
export function createLabelsStep(input: PlanInput, needs: readonly string[]): Step {
  const { kubeconfig } = input.paths;
  return {
    id: labelsStep,
    phase: "bootstrap",
    title: "Label the nodes",
    needs,
    async check({ signal, logger }) {
      try {
        const notes = await withClusterClient(kubeconfig, (client) => readMachineNotes(client, signal));
        const wanted = Object.entries(await wantedNotes(input));
        const missing = wanted.filter(([name, note]) => JSON.stringify(notes.get(name)) !== JSON.stringify(note));
        if (missing.length === 0) return { state: "done" };
        return { state: "missing", reason: `labels of ${missing.map(([name]) => name).join(", ")}` };
      } catch (error) {
        signal.throwIfAborted();
        logger.debug({ error: describeError(error) }, "cannot ask the API server");
        return { state: "missing", reason: "the API server is not up yet" };
      }
    },
    async apply({ signal }) {
      const notes = await wantedNotes(input);
      await withClusterClient(kubeconfig, async (client) => {
        for (const [name, { labels = {} }] of Object.entries(notes)) await labelNode(client, name, labels, signal);
        await noteMachines(client, notes, signal);
      });
    },
  };
}

async function wantedNotes(input: PlanInput): Promise<Record<string, MachineNote>> {
  const recorded = await recordedMachines(input);
  const notes = wantedMachines(input).map((spec): [string, MachineNote] => {
    const address = recorded.find(({ name }) => name === spec.name)?.address;
    const addresses = address === undefined ? [] : [address];
    return [spec.name, { addresses, labels: nodeSettings(input.config, spec).labels }];
  });
  return Object.fromEntries(notes);
}
