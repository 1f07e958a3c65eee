// slipway down

import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { isSimulatedCluster, resolveConfig } from "#config";
import { exitCodes, UserError } from "#shared";
import {
  formatDuration,
  listClusters,
  openJournal,
  planCluster,
  prepareHome,
  providerContext,
  readClusterConfig,
  removeEmptyHome,
  undoPlan,
} from "#turnup";
import {
  addNameOption,
  describeClusters,
  hasTraces,
  type NamedCluster,
  nameCluster,
  planInput,
  withClusterLock,
} from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { createRenderer, type ProgressOptions } from "../progress.ts";

interface DownOptions extends ProgressOptions {
  readonly name?: string;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .option("--json", "print what happens as JSON lines")
    .option("-q, --quiet", "print problems only")
    .action((options: DownOptions) => down(context, options));
}

async function down(context: CliContext, options: DownOptions): Promise<void> {
  const cluster = nameCluster(context, options.name);
  const say = options.quiet || options.json ? () => {} : context.err;
  if (!hasTraces(cluster)) {
    const others = describeClusters(listClusters(cluster.home)).map((hint) => `  ${hint}\n`);
    return say(`Cluster ${cluster.name} is not there: nothing to do.\n${others.join("")}`);
  }
  const start = performance.now();
  prepareHome(cluster.home);
  await withClusterLock(cluster, "down", () => takeDown(cluster, context, options));
  removeEmptyHome(cluster.home);
  say(`Cluster ${cluster.name} is gone after ${formatDuration(performance.now() - start)}; nothing of it is left.\n`);
}

async function takeDown(cluster: NamedCluster, context: CliContext, options: DownOptions): Promise<void> {
  // A cluster that was killed before it had a configuration has nothing but its folder.
  const config = readClusterConfig(cluster.paths) ?? resolveConfig({ name: cluster.name });
  const input = planInput(cluster, config, context);
  const journal = openJournal(cluster.paths.journal);
  try {
    const plan = planCluster(input, journal.begunSteps());
    await undoPlan(plan, { journal, signal: context.signal, onEvent: createRenderer(context, options) });
  } finally {
    journal.close();
  }
  const leftovers = isSimulatedCluster(config)
    ? []
    : await input.provider.findLeftovers(providerContext(input, context.signal));
  if (leftovers.length > 0) {
    throw new UserError(`Cannot take down cluster ${cluster.name} completely: ${leftovers.length} things are left`, {
      hints: [...leftovers, "Run the same command again."],
      exitCode: exitCodes.provision,
    });
  }
  await rm(cluster.paths.folder, { recursive: true, force: true });
}
