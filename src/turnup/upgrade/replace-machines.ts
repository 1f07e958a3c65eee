// Brings new machines into a cluster, and takes old ones out of it, while all others stay as they are.

import { applyPlan } from "../engine.ts";
import { openJournal } from "../journal.ts";
import { createPlan, type Plan, withoutOutsideNeeds } from "../plan.ts";
import { planCluster } from "../plan-cluster.ts";
import type { PlanInput } from "../plan-input.ts";
import { labelsStep } from "../remote/remote-cluster-steps.ts";
import type { StepContext } from "../step.ts";

/** `input` is of the cluster with them. May be called again after a crash: machines that are there are not made again. */
export async function addMachines(input: PlanInput, machines: readonly string[], context: StepContext): Promise<void> {
  await run(input, context, () => {
    const steps = planCluster(input).steps.filter(({ id }) => isOf(machines, id) || id === labelsStep);
    return createPlan(input.config.name, withoutOutsideNeeds(steps));
  });
}

/** `input` is of the cluster without them. Whatever they run is lost. May be called again after a crash. */
export async function removeMachines(
  input: PlanInput,
  machines: readonly string[],
  context: StepContext,
): Promise<void> {
  await run(input, context, (begun) => {
    const { retired } = planCluster(
      input,
      begun.filter((id) => isOf(machines, id)),
    );
    return createPlan(input.config.name, [], retired);
  });
}

/** A machine's steps are named "phase/what/machine". */
function isOf(machines: readonly string[], id: string): boolean {
  return machines.includes(id.split("/")[2] ?? "");
}

/** By the cluster's own journal, so that `down` knows of what was made. */
async function run(
  { paths }: PlanInput,
  { signal, clock, logger, report }: StepContext,
  makePlan: (begun: readonly string[]) => Plan,
): Promise<void> {
  const journal = openJournal(paths.journal);
  try {
    const plan = makePlan(journal.begunSteps());
    const titles = new Map([...plan.steps, ...plan.retired].map(({ id, title }) => [id, title]));
    await applyPlan(plan, {
      journal,
      signal,
      clock,
      logger,
      onEvent(event) {
        if (event.type === "step-started") report(titles.get(event.id)!);
      },
    });
  } finally {
    journal.close();
  }
}
