// The plan of a cluster whose machines are elsewhere, whatever distribution runs on them: machines, then the control planes one after
// the other, then all workers at once, then add-ons.

import { chooseAddons, chosen, nodeBootstrap } from "#addons";
import type { MachineSpec, ProviderContext } from "#provision";
import { writeFileAtomic } from "#shared";
import { createPlan, type Plan, withoutOutsideNeeds } from "../plan.ts";
import { type PlanInput, providerContext, wantedMachines } from "../plan-input.ts";
import type { Step } from "../step.ts";
import {
  addonStep,
  addonTarget,
  createAddonStep,
  createAddonsReadySteps,
  createRetiredAddonStep,
} from "../steps/addon-steps.ts";
import { createNodesReadyStep, nodesReadyStep } from "../steps/cluster-steps.ts";
import { certificatesStep, kubeconfigStep } from "../steps/host-steps.ts";
import { createMachineStep, createNetworkStep, machineStep } from "../steps/provision-steps.ts";
import { machinesFile, recordMachine } from "./machines-file.ts";
import { networkFile, recordedMachine } from "./remote-cluster.ts";
import { createLabelsStep, labelsStep } from "./remote-cluster-steps.ts";
import { createAuthoritiesStep, createRemoteKubeconfigStep } from "./remote-host-steps.ts";
import {
  createJoinStep,
  createPrepareStep,
  createSelfJoinStep,
  joinStep,
  prepareStep,
} from "./remote-machine-steps.ts";
import { makeUserData, setsItselfUp, type UserDataContext } from "./user-data.ts";

/** All that `up` does, and `down` undoes. `begunSteps` are those of earlier plans, as the journal names them. */
export function planRemoteCluster(input: PlanInput, begunSteps: readonly string[] = []): Plan {
  const { config } = input;
  const machines = wantedMachines(input);
  const controlPlanes = machines.filter(({ role }) => role === "control-plane");
  const [first] = controlPlanes;
  if (!first) throw new Error(`Cannot plan cluster ${config.name}: it has no control plane`);
  const isGiven = input.remote?.machines !== undefined;
  const listed = chooseAddons(config);
  const lacksBootstrap =
    config.distribution.type === "slipway" && !listed.some(({ name }) => name === nodeBootstrap.name);
  const addons = [...(lacksBootstrap ? [chosen(nodeBootstrap)] : []), ...listed];
  const steps: Step[] = [
    ...(isGiven ? [] : provisionSteps(input, machines)),
    createAuthoritiesStep(input),
    ...machines.flatMap((spec) => {
      // Where one reaches the others is a part of every machine's settings.
      const needed = isGiven ? [] : [...new Set([spec, ...controlPlanes])].map(({ name }) => machineStep(name));
      const turn = controlPlanes.indexOf(spec);
      const before = turn > 0 ? [joinStep(controlPlanes[turn - 1]!.name)] : [];
      const api = spec === first ? [] : [kubeconfigStep];
      if (setsItselfUp(input, spec)) {
        const own = isGiven ? [certificatesStep] : [machineStep(spec.name)];
        return [createSelfJoinStep(input, spec, [...own, ...api, ...before])];
      }
      return [createPrepareStep(input, spec, needed), createJoinStep(input, spec, [...api, ...before])];
    }),
    createRemoteKubeconfigStep(input, [joinStep(first.name)]),
    createLabelsStep(input, [kubeconfigStep, ...machines.map(({ name }) => joinStep(name))]),
    ...addons.map((addon) => ({
      ...createAddonStep(addonTarget(input), addon, [kubeconfigStep]),
      // Without its rights nobody joins, also where phase 2 is run alone.
      ...(addon.name === nodeBootstrap.name && { phase: "bootstrap" as const }),
    })),
  ];
  steps.push(createNodesReadyStep(input, [labelsStep, ...addons.map(({ name }) => addonStep(name))]));
  steps.push(...createAddonsReadySteps(addonTarget(input), addons, [nodesReadyStep]));
  const ids = new Set(steps.map(({ id }) => id));
  const retired = begunSteps.filter((id) => !ids.has(id)).flatMap((id) => restoreStep(input, id));
  return createPlan(config.name, steps, withoutOutsideNeeds(retired));
}

function provisionSteps(input: PlanInput, machines: readonly MachineSpec[]): Step[] {
  return [recordNetwork(input, createNetworkStep(input, [])), ...machines.map((spec) => machineOf(input, spec))];
}

function recordNetwork(input: PlanInput, step: Step): Step {
  return {
    ...step,
    async apply(context) {
      await step.apply(context);
      const network = await input.provider.findNetwork(providerContext(input, context.signal));
      if (network) await writeFileAtomic(networkFile(input.paths.folder), `${JSON.stringify(network, null, 2)}\n`);
    },
  };
}

/** The step that makes a machine, with the record of it that phase 2 reads. */
function machineOf(input: PlanInput, spec: MachineSpec): Step {
  const step = createMachineStep(input, spec);
  const file = machinesFile(input.paths.folder);
  const { provider } = input;
  const isByItself = setsItselfUp(input, spec);
  return {
    ...step,
    // What it is given names the API, and a token that the cluster knows.
    needs: [...step.needs, ...(isByItself ? [kubeconfigStep] : [])],
    async check({ signal }) {
      const context = providerContext(input, signal);
      const machine = await provider.findMachine(context, spec);
      if (!machine) return { state: "missing", reason: "is not there" };
      const difference = await provider.compareMachine?.(context, spec);
      if (difference) return { state: "differs", ...difference };
      const recorded = await recordedMachine(input, spec.name);
      if (!recorded) return { state: "missing", reason: "is not written down" };
      const isSame = machine.address === recorded.address && isEqual(machine.access, recorded.access);
      return isSame ? { state: "done" } : { state: "differs", reason: "its address changed", change: "in place" };
    },
    async apply({ signal, clock, report }) {
      const known = providerContext(input, signal);
      const context: ProviderContext = isByItself
        ? { ...known, report, userData: (other) => userDataOf(input, other, { signal, clock }) }
        : // Those that set themselves up are made later, also where a provider makes all at one go.
          { ...known, report, machines: known.machines.filter((other) => !setsItselfUp(input, other)) };
      const machine = await provider.createMachine(context, spec);
      await recordMachine(file, spec.name, (recorded) => {
        return { ...machine, ...(recorded?.duty !== undefined && { duty: recorded.duty }) };
      });
    },
    async undo(context) {
      await step.undo?.(context);
      await recordMachine(file, spec.name, () => undefined);
    },
  };
}

async function userDataOf(input: PlanInput, spec: MachineSpec, context: UserDataContext): Promise<string | undefined> {
  return setsItselfUp(input, spec) ? makeUserData(input, spec, context) : undefined;
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A step of an earlier plan, good enough to be undone; none for what needs no undoing by itself. */
function restoreStep(input: PlanInput, id: string): Step[] {
  const [phase, kind, name] = id.split("/");
  if (phase === "addons" && kind !== undefined) return [createRetiredAddonStep(addonTarget(input), kind)];
  if (name === undefined) return [];
  const isControlPlane = name.startsWith(`${input.config.name}-control-plane-`);
  const spec: MachineSpec = { name, role: isControlPlane ? "control-plane" : "worker", pool: "" };
  if (id === machineStep(name)) return [machineOf(input, spec)];
  if (id === prepareStep(name)) return [createPrepareStep(input, spec, [machineStep(name)])];
  if (id === joinStep(name))
    return [{ ...createJoinStep(input, spec, []), needs: [prepareStep(name), machineStep(name)] }];
  return [];
}
