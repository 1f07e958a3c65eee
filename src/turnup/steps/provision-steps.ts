// Phase 1 as steps: the network, then the machines.

import type { MachineSpec } from "#provision";
import { type PlanInput, providerContext } from "../plan-input.ts";
import type { Step } from "../step.ts";

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
      const network = await input.provider.findNetwork(providerContext(input, signal));
      return network ? { state: "done" } : { state: "missing", reason: "is not there" };
    },
    async apply({ signal }) {
      await input.provider.createNetwork(providerContext(input, signal));
    },
    undo: ({ signal }) => input.provider.deleteNetwork(providerContext(input, signal)),
  };
}

export function createMachineStep(input: PlanInput, spec: MachineSpec): Step {
  return {
    id: machineStep(spec.name),
    phase: "provision",
    title: `Create machine ${spec.name}`,
    needs: [networkStep],
    async check({ signal }) {
      const machine = await input.provider.findMachine(providerContext(input, signal), spec);
      return machine ? { state: "done" } : { state: "missing", reason: "is not there" };
    },
    async apply({ signal }) {
      await input.provider.createMachine(providerContext(input, signal), spec);
    },
    undo: ({ signal }) => input.provider.deleteMachine(providerContext(input, signal), spec),
  };
}
