// slipway provision

import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { applyPlan, createPlan, openJournal, planCluster } from "#turnup";
import { addNameOption, type ExistingCluster, findCluster, planInput, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions } from "../progress.ts";

interface ProvisionOptions extends ProgressOptions {
  readonly name?: string;
  readonly atBoot?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .option("--at-boot", "leave it to another slipway where one is at work on the cluster")
    .action((options: ProvisionOptions) => provision(context, options));
}

/** Phase 1 alone, of a cluster that was turned up before: also what systemd runs at boot, ahead of the supervisor. */
async function provision(context: CliContext, options: ProvisionOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  try {
    await withClusterLock(cluster, "provision", () => runProvisionSteps(cluster, context, options));
  } catch (error) {
    // An `up` that has just told systemd to start the unit makes the machines itself.
    if (options.atBoot && error instanceof UserError && error.exitCode === exitCodes.conflict) return;
    throw error;
  }
}

async function runProvisionSteps(
  cluster: ExistingCluster,
  context: CliContext,
  options: ProvisionOptions,
): Promise<void> {
  const journal = openJournal(cluster.paths.journal);
  try {
    const whole = planCluster(planInput(cluster, cluster.config, context));
    const steps = whole.steps.filter(({ phase }) => phase === "provision");
    const ids = new Set(steps.map(({ id }) => id));
    const alone = steps.map((step) => ({ ...step, needs: step.needs.filter((need) => ids.has(need)) }));
    const onEvent = createRenderer(context, options);
    await applyPlan(createPlan(cluster.name, alone), { journal, signal: context.signal, onEvent });
  } finally {
    journal.close();
  }
}
