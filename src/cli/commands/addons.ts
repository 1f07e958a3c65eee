// slipway addons

import type { Command } from "commander";
import { addNameOption, findCluster, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions } from "../progress.ts";
import { runPhase } from "../remote/run-phase.ts";

interface AddonsOptions extends ProgressOptions {
  readonly name?: string;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command)).action((options: AddonsOptions) => addons(context, options));
}

/** Phase 3 alone, on a cluster that answers. */
async function addons(context: CliContext, options: AddonsOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const onEvent = createRenderer(context, options);
  await withClusterLock(cluster, "addons", () => runPhase(cluster, "addons", { context, onEvent }));
}
