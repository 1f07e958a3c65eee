// Phase 1 as steps: the network, then the machines.

import type { Difference, MachineSpec, ProviderContext } from "#provision";
import { type PlanInput, providerContext } from "../plan-input.ts";
import type { Step, StepContext, StepState } from "../step.ts";

export const networkStep = "provision/network";

export function machineStep(machine: string): string {
  return `provision/machine/${machine}`;
}

/** Local machines share this host's packages, so its network tools come with them, before the network. */
export function createNetworkStep(input: PlanInput, needs: readonly string[]): Step {
  return {
    id: networkStep,
    phase: "provision",
    title: "Create the network",
    needs,
    async check({ signal }) {
      const { provider } = input;
      const context = providerContext(input, signal);
      return describeState(await provider.findNetwork(context), () => provider.compareNetwork?.(context));
    },
    async apply(step) {
      await input.provider.createNetwork(contextOf(input, step));
    },
    undo: (step) => input.provider.deleteNetwork(contextOf(input, step)),
  };
}

export function createMachineStep(input: PlanInput, spec: MachineSpec): Step {
  return {
    id: machineStep(spec.name),
    phase: "provision",
    title: `Create machine ${spec.name}`,
    needs: [networkStep],
    async check({ signal }) {
      const { provider } = input;
      const context = providerContext(input, signal);
      return describeState(await provider.findMachine(context, spec), () => provider.compareMachine?.(context, spec));
    },
    async apply(step) {
      await input.provider.createMachine(contextOf(input, step), spec);
    },
    undo: (step) => input.provider.deleteMachine(contextOf(input, step), spec),
  };
}

function contextOf(input: PlanInput, { signal, report }: StepContext): ProviderContext {
  return { ...providerContext(input, signal), report };
}

async function describeState(
  found: object | undefined,
  compare: () => Promise<Difference | undefined> | undefined,
): Promise<StepState> {
  if (!found) return { state: "missing", reason: "is not there" };
  const difference = await compare();
  return difference ? { state: "differs", ...difference } : { state: "done" };
}
