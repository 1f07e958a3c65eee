// slipway plan

import type { Command } from "commander";
import { isOnCloud, planCloud } from "../cloud-plan.ts";
import { nameCluster } from "../cluster.ts";
import { addConfigOptions, type ConfigOptions, decideConfig } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { ExitError } from "../exit-error.ts";
import { formatPlan, type LookedAhead, lookAhead } from "../look-ahead.ts";
import { fitConfig } from "../surroundings.ts";
import { formatTable } from "../text/table.ts";

interface PlanOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly steps?: boolean;
  readonly exitCode?: boolean;
  readonly write?: string;
}

/** What --exit-code answers where there is something to do, as others' tools do. */
const changesExitCode = 2;

export function define(command: Command, context: CliContext): void {
  addConfigOptions(command.option("-n, --name <name>", "the cluster's name"))
    .option("--steps", "show every single step")
    .option("--json", "as JSON")
    .option("--write <folder>", "of a cluster on a cloud: write its OpenTofu files into a folder")
    .option("--exit-code", "end with 2 where there is something to do, 0 where there is nothing")
    .action((options: PlanOptions) => plan(context, options));
}

async function plan(context: CliContext, options: PlanOptions): Promise<void> {
  const decided = await decideConfig(context, options);
  if (isOnCloud(decided.config)) {
    const hasChanges = await planCloud(decided.config, context, options);
    if (options.exitCode && hasChanges) throw new ExitError(changesExitCode);
    return;
  }
  const cluster = nameCluster(context, decided.config.name);
  const { config, notice } = await fitConfig(context, cluster, decided.config);
  for (const text of [...decided.notices, ...(notice ? [notice] : [])]) context.err(`slipway: ${text}\n`);
  const ahead = await lookAhead(cluster, config, context);
  context.out(render(ahead, options));
  if (options.exitCode && ahead.hasChanges) throw new ExitError(changesExitCode);
}

function render(ahead: LookedAhead, { json, steps }: PlanOptions): string {
  if (json) return `${JSON.stringify(ahead, null, 2)}\n`;
  if (!steps) return formatPlan(ahead);
  const rows = ahead.steps.map(({ phase, title, action, reason }) => [phase, title, action, reason]);
  return formatTable(["PHASE", "STEP", "ACTION", "WHY"], rows);
}
