// slipway provision

import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { addNameOption, findCluster, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions } from "../progress.ts";
import { runPhase } from "../remote/run-phase.ts";

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
    await withClusterLock(cluster, "provision", () =>
      runPhase(cluster, "provision", { context, onEvent: createRenderer(context, options) }),
    );
  } catch (error) {
    // An `up` that has just told systemd to start the unit makes the machines itself.
    if (options.atBoot && error instanceof UserError && error.exitCode === exitCodes.conflict) return;
    throw error;
  }
}
