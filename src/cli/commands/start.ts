// slipway start

import type { Command } from "commander";
import { formatDuration } from "#turnup";
import { addNameOption, findCluster, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../progress.ts";
import { runsHere } from "../runs-here.ts";
import { turnUp } from "../turn-up.ts";
import { readUpgrade } from "../upgrade/upgrade-state.ts";

interface StartOptions extends ProgressOptions {
  readonly name?: string;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command)).action((options: StartOptions) => start(context, options));
}

/** The plan finds out by itself what a stop, or a reboot, has taken away. */
async function start(context: CliContext, options: StartOptions): Promise<void> {
  const begin = performance.now();
  const cluster = findCluster(context, options.name);
  await withClusterLock(cluster, "start", async () =>
    turnUp(cluster, cluster.config, context, {
      onEvent: createRenderer(context, options),
      // Of a cluster that was stopped in the middle of an upgrade there is no order left to keep.
      duringUpgrade: readUpgrade(cluster.paths) !== undefined && !(await runsHere(cluster, context)),
    }),
  );
  sayer(context, options)(`Cluster ${cluster.name} runs after ${formatDuration(performance.now() - begin)}.\n`);
}
