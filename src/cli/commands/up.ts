// slipway up

import type { Command } from "commander";
import { type ClusterConfig, isManagedInfrastructure, isSimulatedCluster } from "#config";
import { exitCodes } from "#shared";
import { formatDuration, prepareHome, removeEmptyHome } from "#turnup";
import { useBundle } from "../bundle/use-bundle.ts";
import { addNameOption, nameCluster, withClusterLock } from "../cluster.ts";
import { addConfigOptions, type ConfigOptions, decideConfig } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { ExitError } from "../exit-error.ts";
import { agreesToLoss } from "../look-ahead.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../progress.ts";
import { refuseCloud } from "../refuse-cloud.ts";
import { fitConfig } from "../surroundings.ts";
import { turnUp } from "../turn-up.ts";
import { refuseWhileUpgrading } from "../upgrade/upgrade-state.ts";

interface UpOptions extends ConfigOptions, ProgressOptions {
  readonly bundle?: string;
  readonly yes?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addConfigOptions(addNameOption(command)))
    .option("-y, --yes", "do not ask before machines of an existing cluster are taken away (asked at a terminal only)")
    .option("--bundle <file>", "take programs, packages and images from this file, and nothing from the network")
    .action((options: UpOptions) => up(context, options));
}

async function up(context: CliContext, options: UpOptions): Promise<void> {
  const say = sayer(context, options);
  const start = performance.now();
  const decided = await decideConfig(context, options);
  refuseCloud(decided.config);
  const cluster = nameCluster(context, decided.config.name);
  for (const notice of decided.notices) say(`slipway: ${notice}\n`);
  prepareHome(cluster.home);
  try {
    await withClusterLock(cluster, "up", async () => {
      const { config, notice } = await fitConfig(context, cluster, decided.config);
      refuseWhileUpgrading(cluster);
      if (notice) say(`slipway: ${notice}\n`);
      if (!options.yes && !(await agreesToLoss(cluster, config, context))) {
        say("Nothing was changed.\n");
        throw new ExitError(exitCodes.failed);
      }
      if (options.bundle !== undefined) {
        const { artifacts } = await useBundle(cluster, { file: options.bundle, configs: [config] }, context);
        say(`slipway: bundle ${options.bundle} is whole: ${artifacts.length} artifacts\n`);
      }
      await turnUp(cluster, config, context, { onEvent: createRenderer(context, options) });
      const elapsed = formatDuration(performance.now() - start);
      say(
        `Cluster ${config.name} is up after ${elapsed}: ${describeNodes(config)}, context slipway-${config.name}. Try:\n`,
      );
      say("  kubectl get nodes\n");
    });
  } finally {
    // Where it was refused before anything was made, nothing is left of the attempt.
    removeEmptyHome(cluster.home);
  }
}

function describeNodes(config: ClusterConfig): string {
  const { workers, controlPlane } = config;
  const simulated = isSimulatedCluster(config);
  const others = simulated || isManagedInfrastructure(config.infrastructure) ? 0 : controlPlane.replicas;
  const count = workers.reduce((sum, pool) => sum + pool.count, others);
  return `${count === 0 ? "no" : count}${simulated && count > 0 ? " simulated" : ""} node${count === 1 ? "" : "s"}`;
}
