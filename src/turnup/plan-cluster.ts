// The plan of a cluster: from the configuration to steps. Pure but for what the steps do when they are run.

import { chooseAddons } from "#addons";
import { isManagedInfrastructure, isSimulatedCluster } from "#config";
import type { MachineSpec } from "#provision";
import { planManagedCluster } from "./managed/plan-managed.ts";
import { createPlan, type Plan } from "./plan.ts";
import { machineSpecs, type PlanInput } from "./plan-input.ts";
import { planRemoteCluster } from "./remote/plan-remote.ts";
import type { Step } from "./step.ts";
import {
  addonStep,
  addonTarget,
  createAddonStep,
  createAddonsReadySteps,
  createRetiredAddonStep,
} from "./steps/addon-steps.ts";
import { createNodesReadyStep, nodesReadyStep } from "./steps/cluster-steps.ts";
import {
  controlPlaneStep,
  createCertificatesStep,
  createControlPlaneStep,
  createKubeconfigStep,
  createPackagesStep,
  createSupervisorStep,
  packagesStep,
} from "./steps/host-steps.ts";
import { createNodeStep, createRuntimeStep, nodeStep, runtimeStep } from "./steps/node-steps.ts";
import { createMachineStep, createNetworkStep, machineStep } from "./steps/provision-steps.ts";
import { createSimulatedNodesStep, simulatedNodesStep } from "./steps/simulated-steps.ts";

/** All that `up` does, and `down` undoes. `begunSteps` are those of earlier plans, as the journal names them. */
export function planCluster(input: PlanInput, begunSteps: readonly string[] = []): Plan {
  if (isManagedInfrastructure(input.config.infrastructure)) return planManagedCluster(input, begunSteps);
  if (input.remote) return planRemoteCluster(input, begunSteps);
  const { config } = input;
  const machines = machineSpecs(config, input.names);
  const addons = chooseAddons(config);
  const simulated = isSimulatedCluster(config);
  const steps: Step[] = [
    ...(machines.length > 0 ? [createPackagesStep(input), createNetworkStep(input, [packagesStep])] : []),
    ...machines.map((spec) => createMachineStep(input, spec)),
    createCertificatesStep(input),
    createSupervisorStep(input),
    createControlPlaneStep(input),
    ...machines.flatMap((spec) => [createRuntimeStep(input, spec), createNodeStep(input, spec)]),
    ...(simulated ? [createSimulatedNodesStep(input)] : []),
    createKubeconfigStep(input),
    ...addons.map((addon) => createAddonStep(addonTarget(input), addon, [controlPlaneStep])),
  ];
  const last = [
    ...machines.map(({ name }) => nodeStep(name)),
    ...(simulated ? [simulatedNodesStep] : []),
    ...addons.map(({ name }) => addonStep(name)),
  ];
  steps.push(createNodesReadyStep(input, last));
  steps.push(...createAddonsReadySteps(addonTarget(input), addons, [nodesReadyStep]));
  const ids = new Set(steps.map(({ id }) => id));
  const retired = begunSteps.filter((id) => !ids.has(id)).flatMap((id) => restoreStep(input, id));
  return createPlan(config.name, steps, retired);
}

/** A step of an earlier plan, good enough to be undone; none for what needs no undoing by itself. */
function restoreStep(input: PlanInput, id: string): Step[] {
  const [phase, kind, name] = id.split("/");
  if (phase === "addons" && kind !== undefined) return [createRetiredAddonStep(addonTarget(input), kind)];
  if (name === undefined) return [];
  const spec: MachineSpec = { name, role: "worker", pool: "" };
  if (id === machineStep(name)) return [createMachineStep(input, spec)];
  if (id === runtimeStep(name)) return [createRuntimeStep(input, spec)];
  if (id === nodeStep(name)) return [createNodeStep(input, spec)];
  return [];
}
