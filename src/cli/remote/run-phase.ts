// Runs one phase of a cluster's plan alone, on what the phases before it have left.

import type { ClusterConfig } from "#config";
import {
  applyPlan,
  createPlan,
  type EventListener,
  openJournal,
  type Phase,
  planCluster,
  withoutOutsideNeeds,
} from "#turnup";
import { type NamedCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";

/** The cluster's lock must be held. */
export async function runPhase(
  cluster: NamedCluster & { readonly config: ClusterConfig },
  phase: Phase,
  { context, onEvent }: { readonly context: CliContext; readonly onEvent: EventListener },
): Promise<void> {
  const journal = openJournal(cluster.paths.journal);
  try {
    const whole = planCluster(planInput(cluster, cluster.config, context));
    const steps = whole.steps.filter((step) => step.phase === phase);
    await applyPlan(createPlan(cluster.name, withoutOutsideNeeds(steps)), { journal, signal: context.signal, onEvent });
  } finally {
    journal.close();
  }
}
