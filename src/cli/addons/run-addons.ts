// What the commands about add-ons have in common: the configuration changed, phase 3 run, and what to put into a file to keep it so.

import { stringify } from "yaml";
import type { AddonConfig, ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";
import {
  type AddonTarget,
  addonTarget,
  applyPlan,
  type EventListener,
  openJournal,
  planAddons,
  writeClusterConfig,
} from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";

export interface RunAddonsOptions {
  readonly onEvent: EventListener;
  readonly only?: readonly string[];
  readonly removed?: readonly string[];
  /** Fields others have set differently are overwritten. */
  readonly overwrite?: boolean;
  /** Objects with changes that are impossible where they stand are made anew, also where pods start again. */
  readonly replace?: boolean;
}

/** What the add-ons of a cluster slipway has turned up are planned from. Throws UserError while it has no API server. */
export function targetOf(cluster: ExistingCluster, config: ClusterConfig, context: CliContext): AddonTarget {
  return addonTarget(planInput(cluster, config, context));
}

/** Notes the configuration as the wanted one and runs phase 3. The cluster's lock must be held. */
export async function runAddons(
  cluster: ExistingCluster,
  config: ClusterConfig,
  context: CliContext,
  options: RunAddonsOptions,
): Promise<void> {
  const { onEvent, only, removed, overwrite, replace } = options;
  const wanted = overwrite ? overwriting(config, only) : config;
  const target = { ...targetOf(cluster, wanted, context), ...(replace && { replace }) };
  const plan = planAddons(target, { ...(only && { only }), ...(removed && { removed }) });
  await writeClusterConfig(cluster.paths, config);
  const journal = openJournal(cluster.paths.journal);
  try {
    await applyPlan(plan, { journal, signal: context.signal, onEvent });
  } finally {
    journal.close();
  }
}

/** The same for this one run. */
export function overwriting(config: ClusterConfig, only?: readonly string[]): ClusterConfig {
  const addons = config.addons.map((addon) =>
    only?.includes(addon.name) === false ? addon : { ...addon, conflicts: "overwrite" as const },
  );
  return { ...config, addons };
}

/** Lines that keep the add-on where the cluster is described by a file. */
export function describeForFile(addon: AddonConfig): string {
  const yaml = stringify({ addons: [addon] }, { lineWidth: 0 }).trimEnd();
  return `If the cluster is described by a file, put this there:\n${yaml.replace(/^/gm, "  ")}\n`;
}

/** The add-on as the configuration lists it. Throws UserError where it does not. */
export function findListed(config: ClusterConfig, name: string): AddonConfig {
  const found = config.addons.find((addon) => addon.name === name);
  if (found) return found;
  const listed = config.addons.map((addon) => addon.name);
  throw new UserError(`Cannot find add-on ${name}: cluster ${config.name} does not list it`, {
    hints: [listed.length > 0 ? `It lists: ${listed.join(", ")}.` : `Add it with \`slipway addon add ${name}\`.`],
    exitCode: exitCodes.notFound,
  });
}
