// Brings one machine to what the configuration says it runs, and nothing else of the cluster: the machine's own steps of the plan.

import { planCluster } from "../plan-cluster.ts";
import { type PlanInput, wantedMachines } from "../plan-input.ts";
import { prepareStep } from "../remote/remote-machine-steps.ts";
import type { Step, StepContext } from "../step.ts";
import { controlPlaneStep } from "../steps/host-steps.ts";

/**
 * Answers whether anything was to be done. `beforeChange` is called when programs are there and what runs is about to change: pods are
 * moved away no earlier.
 */
export async function upgradeMachine(
  input: PlanInput,
  machine: string,
  context: StepContext,
  beforeChange: () => Promise<void> = async () => {},
): Promise<boolean> {
  let changes = false;
  for (const step of machineSteps(input, machine)) {
    const { state } = await step.check(context);
    if (state === "done") continue;
    if (!changes && step.id !== prepareStep(machine)) {
      await beforeChange();
      changes = true;
    }
    context.report(step.title);
    await step.apply(context);
  }
  return changes;
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
