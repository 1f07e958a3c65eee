// slipway addon upgrade

import type { Command } from "commander";
import { chooseAddons, findAddon } from "#addons";
import { type AddonConfig, type ClusterConfig, ConfigError } from "#config";
import { exitCodes } from "#shared";
import { diffChosen } from "#turnup";
import { formatDiff } from "../../addons/format-diff.ts";
import { describeForFile, findListed, overwriting, runAddons, targetOf } from "../../addons/run-addons.ts";
import { checkValues } from "../../check-values.ts";
import { addNameOption, findCluster, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { ExitError } from "../../exit-error.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { confirm } from "../../wizard/confirm.ts";

interface UpgradeOptions extends ProgressOptions {
  readonly name?: string;
  readonly to?: string;
  readonly overwrite?: boolean;
  readonly replace?: boolean;
  readonly yes?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("<addon>", "the add-on's name")
    .option(
      "--to <version>",
      "the version (default: the newest the catalogue has; of one's own: what its source has now)",
    )
    .option("--overwrite", "overwrite fields that others have set differently")
    .option("--replace", "make objects anew whose changes are impossible where they stand; their pods start again")
    .option("-y, --yes", "do not ask (asked at a terminal only)")
    .action((addon: string, options: UpgradeOptions) => upgrade(context, addon, options));
}

async function upgrade(context: CliContext, name: string, options: UpgradeOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const say = sayer(context, options);
  const addon = atVersion(listedOrNetwork(cluster.config, name), options.to);
  const config = await withChanged(cluster.config, addon);
  const seen = options.overwrite ? overwriting(config, [name]) : config;
  const chosen = chooseAddons(seen).find((candidate) => candidate.name === name)!;
  const diff = await diffChosen(targetOf(cluster, seen, context), chosen, context.signal);
  say(formatDiff(diff));
  if (diff.hasChanges && !options.yes && context.openKeyboard && !(await confirm(context, "Do this?"))) {
    say("Nothing was changed.\n");
    throw new ExitError(exitCodes.failed);
  }
  const { overwrite, replace } = options;
  await withClusterLock(cluster, "addon upgrade", () =>
    runAddons(cluster, config, context, {
      onEvent: createRenderer(context, options),
      only: [name],
      ...(overwrite && { overwrite }),
      ...(replace && { replace }),
    }),
  );
  if (options.to !== undefined) say(describeForFile(addon));
}

function listedOrNetwork(config: ClusterConfig, name: string): AddonConfig {
  return config.network.plugin === name && !config.addons.some((addon) => addon.name === name)
    ? { name }
    : findListed(config, name);
}

/** Without a version it is the catalogue's newest, so one that was pinned is no more. */
function atVersion(addon: AddonConfig, to: string | undefined): AddonConfig {
  const { version: _, ...rest } = addon;
  if (to === undefined) return findAddon(addon.name) ? rest : addon;
  const helm = addon.source?.helm;
  return helm ? { ...addon, source: { ...addon.source, helm: { ...helm, version: to } } } : { ...rest, version: to };
}

async function withChanged(config: ClusterConfig, addon: AddonConfig): Promise<ClusterConfig> {
  const index = config.addons.findIndex(({ name }) => name === addon.name);
  const addons = index < 0 ? [...config.addons, addon] : config.addons.with(index, addon);
  const changed = { ...config, addons };
  const problems = await checkValues(changed);
  if (problems.length > 0) throw new ConfigError(`add-on ${addon.name}`, problems);
  return changed;
}
