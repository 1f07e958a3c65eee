// slipway addons

import type { Command } from "commander";
import { chooseAddons, findAddon, listInstalledAddons, withClusterClient } from "#addons";
import { type AddonTarget, addonStep, applyPlan, type Journal, planAddons } from "#turnup";
import { addTargetOptions, chooseTarget, type TargetOptions } from "../addons/addon-target.ts";
import { overwriting, runAddons } from "../addons/run-addons.ts";
import { type ExistingCluster, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../progress.ts";

interface AddonsOptions extends TargetOptions, ProgressOptions {
  readonly overwrite?: boolean;
  readonly replace?: boolean;
  readonly prune?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addTargetOptions(command))
    .option("--overwrite", "overwrite fields that others have set differently")
    .option("--replace", "make objects anew whose changes are impossible where they stand; their pods start again")
    .option("--prune", "take out add-ons that the configuration does not list")
    .action((options: AddonsOptions) => addons(context, options));
}

/** Phase 3 alone: of a cluster of slipway's, or of any other by its kubeconfig. */
async function addons(context: CliContext, options: AddonsOptions): Promise<void> {
  const { target, cluster } = await chooseTarget(context, options);
  const removed = await findUnlisted(target, context);
  const say = sayer(context, options);
  if (removed.length > 0 && !options.prune) {
    say(`slipway: not in the configuration, and left alone: ${removed.join(", ")} (--prune takes them out)\n`);
  }
  const wanted = { ...(options.prune && { removed }) };
  if (cluster)
    await withClusterLock(cluster, "addons", () => runOwn(cluster, target, context, { ...options, ...wanted }));
  else await runStranger(target, context, { ...options, ...wanted });
}

interface RunOptions extends AddonsOptions {
  readonly removed?: readonly string[];
}

async function runOwn(cluster: ExistingCluster, { config }: AddonTarget, context: CliContext, options: RunOptions) {
  const { overwrite, replace, removed } = options;
  await runAddons(cluster, config, context, {
    onEvent: createRenderer(context, options),
    ...(overwrite && { overwrite }),
    ...(replace && { replace }),
    ...(removed && { removed }),
  });
}

/** Nothing is kept of such a cluster on this machine: what is to be done is found by looking at it. */
async function runStranger(target: AddonTarget, context: CliContext, options: RunOptions): Promise<void> {
  const { overwrite, replace, removed = [] } = options;
  const config = overwrite ? overwriting(target.config) : target.config;
  const plan = planAddons({ ...target, config, ...(replace && { replace }) }, { removed });
  const journal = forgetfulJournal(removed.map(addonStep));
  await applyPlan(plan, { journal, signal: context.signal, onEvent: createRenderer(context, options) });
}

/** Knows only of the steps that are to be undone. */
function forgetfulJournal(begun: readonly string[]): Journal {
  return {
    entries: [],
    append: () => {},
    progressOf: (step) => (begun.includes(step) ? "done" : "none"),
    begunSteps: () => begun,
    close: () => {},
  };
}

async function findUnlisted(target: AddonTarget, { signal }: CliContext): Promise<string[]> {
  const { kubeconfig, context, config } = target;
  const wanted = new Set(chooseAddons(config).map(({ name }) => name));
  const installed = await withClusterClient(kubeconfig, (client) => listInstalledAddons(client, signal), context);
  return installed.map(({ name }) => name).filter((name) => !wanted.has(name) && !findAddon(name)?.always);
}
