// slipway plan

import type { Command } from "commander";
import { checkPlan, planCluster, readJournal, type Step, type StepState } from "#turnup";
import { nameCluster, planInput } from "../cluster.ts";
import { addConfigOptions, type ConfigOptions, decideConfig, refuseChanges } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { checkSurroundings } from "../surroundings.ts";
import { formatTable } from "../table.ts";

interface PlanOptions extends ConfigOptions {
  readonly json?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addConfigOptions(command.option("-n, --name <name>", "the cluster's name"))
    .option("--json", "as JSON")
    .action((options: PlanOptions) => plan(context, options));
}

interface PlannedStep {
  readonly id: string;
  readonly phase: string;
  readonly title: string;
  readonly needs: readonly string[];
  readonly action: "nothing" | "create" | "change" | "replace" | "remove";
  readonly reason: string;
}

async function plan(context: CliContext, options: PlanOptions): Promise<void> {
  const decided = await decideConfig(context, options);
  const cluster = nameCluster(context, decided.config.name);
  const { config, notice } = await checkSurroundings(cluster, decided.config);
  refuseChanges(context, config);
  for (const text of [...decided.notices, ...(notice ? [notice] : [])]) context.err(`slipway: ${text}\n`);
  const journal = readJournal(cluster.paths.journal);
  const wanted = planCluster(planInput(cluster, config, context), journal.begunSteps());
  const states = await checkPlan(wanted, { journal, signal: context.signal });
  const steps = [
    ...wanted.retired.map((step): PlannedStep => describe(step, "remove", "is no longer wanted")),
    ...wanted.steps.map((step) => describeState(step, states.get(step.id)!)),
  ];
  if (options.json) return context.out(`${JSON.stringify({ cluster: config.name, steps }, null, 2)}\n`);
  context.out(
    formatTable(
      ["PHASE", "STEP", "ACTION", "WHY"],
      steps.map((step) => [step.phase, step.title, step.action, step.reason]),
    ),
  );
}

function describeState(step: Step, state: StepState): PlannedStep {
  if (state.state === "done") return describe(step, "nothing", "is as wanted");
  if (state.state === "missing") return describe(step, "create", state.reason);
  return describe(step, state.change === "replace" ? "replace" : "change", state.reason);
}

function describe({ id, phase, title, needs }: Step, action: PlannedStep["action"], reason: string): PlannedStep {
  return { id, phase, title, needs, action, reason };
}
