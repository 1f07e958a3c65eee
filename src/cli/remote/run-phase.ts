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
import { refuseWhileUpgrading } from "../upgrade/upgrade-state.ts";

/** The cluster's lock must be held. Throws UserError during an upgrade, but for phase 1, which gives no machine another version. */
export async function runPhase(
  cluster: NamedCluster & { readonly config: ClusterConfig },
  phase: Phase,
  { context, onEvent }: { readonly context: CliContext; readonly onEvent: EventListener },
): Promise<void> {
  if (phase !== "provision") refuseWhileUpgrading(cluster);
  const journal = openJournal(cluster.paths.journal);
  try {
    const whole = planCluster(planInput(cluster, cluster.config, context));
    const steps = whole.steps.filter((step) => step.phase === phase);
    await applyPlan(createPlan(cluster.name, withoutOutsideNeeds(steps)), { journal, signal: context.signal, onEvent });
  } finally {
    journal.close();
  }
}
