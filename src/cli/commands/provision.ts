// slipway provision

import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { prepareHome, removeEmptyHome, writeClusterConfig } from "#turnup";
import { addNameOption, type ExistingCluster, findCluster, nameCluster, withClusterLock } from "../cluster.ts";
import { type ConfigOptions, decideConfig } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../progress.ts";
import { refuseCloud } from "../refuse-cloud.ts";
import { runPhase } from "../remote/run-phase.ts";
import { fitConfig } from "../surroundings.ts";
import { refuseWhileUpgrading } from "../upgrade/upgrade-state.ts";

interface ProvisionOptions extends Pick<ConfigOptions, "name" | "config">, ProgressOptions {
  readonly atBoot?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .option(
      "--config <file>",
      'configuration file; default: what the cluster was last turned up with; "-" is standard input',
    )
    .option("--at-boot", "leave it to another slipway where one is at work on the cluster")
    .action((options: ProvisionOptions) =>
      options.config === undefined ? provision(context, options) : provisionFile(context, options),
    );
}

/** Phase 1 alone, of a cluster that was turned up before: also what systemd runs at boot, ahead of the supervisor. */
async function provision(context: CliContext, options: ProvisionOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  try {
    await withClusterLock(cluster, "provision", () => makeMachines(cluster, context, options));
  } catch (error) {
    // An `up` that has just told systemd to start the unit makes the machines itself.
    if (options.atBoot && error instanceof UserError && error.exitCode === exitCodes.conflict) return;
    throw error;
  }
}

/** Phase 1 alone, of the cluster in a file: as `up` begins. */
async function provisionFile(context: CliContext, options: ProvisionOptions): Promise<void> {
  const say = sayer(context, options);
  const decided = await decideConfig(context, { ...options, scheduler: true });
  refuseCloud(decided.config);
  const cluster = nameCluster(context, decided.config.name);
  for (const notice of decided.notices) say(`slipway: ${notice}\n`);
  prepareHome(cluster.home);
  try {
    await withClusterLock(cluster, "provision", async () => {
      const { config, notice } = await fitConfig(context, cluster, decided.config);
      refuseWhileUpgrading(cluster);
      if (notice) say(`slipway: ${notice}\n`);
      await writeClusterConfig(cluster.paths, config);
      await makeMachines({ ...cluster, config }, context, options);
      say(
        `The machines of cluster ${config.name} are there. \`slipway bootstrap --name ${config.name}\` makes nodes of them.\n`,
      );
    });
  } finally {
    removeEmptyHome(cluster.home);
  }
}

function makeMachines(cluster: ExistingCluster, context: CliContext, options: ProvisionOptions): Promise<void> {
  return runPhase(cluster, "provision", { context, onEvent: createRenderer(context, options) });
}
