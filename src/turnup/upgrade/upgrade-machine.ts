// Brings one machine to what the configuration says it runs, and nothing else of the cluster: the machine's own steps of the plan.

import { planCluster } from "../plan-cluster.ts";
import { type PlanInput, wantedMachines } from "../plan-input.ts";
import type { Step, StepContext } from "../step.ts";
import { controlPlaneStep } from "../steps/host-steps.ts";

/** Answers whether anything was to be done. */
export async function upgradeMachine(input: PlanInput, machine: string, context: StepContext): Promise<boolean> {
  let changed = false;
  for (const step of machineSteps(input, machine)) {
    const { state } = await step.check(context);
    if (state === "done") continue;
    context.report(step.title);
    await step.apply(context);
    changed = true;
  }
  return changed;
}

/** Of a machine on this host, the control plane is a process beside it. */
function machineSteps(input: PlanInput, machine: string): Step[] {
  const spec = wantedMachines(input).find(({ name }) => name === machine);
  if (!spec) throw new Error(`Cannot upgrade ${machine}: there is no such machine`);
  const isOwn = ({ id }: Step) =>
    (id.startsWith("bootstrap/") && id.endsWith(`/${machine}`)) ||
    (id === controlPlaneStep && spec.role === "control-plane");
  return planCluster(input).steps.filter(isOwn);
}
