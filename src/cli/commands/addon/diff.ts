// slipway addon diff

import type { Command } from "commander";
import { type AddonDiff, chooseAddons } from "#addons";
import { exitCodes, UserError } from "#shared";
import { type AddonTarget, diffChosen } from "#turnup";
import { addTargetOptions, chooseTarget, type TargetOptions } from "../../addons/addon-target.ts";
import { formatDiff } from "../../addons/format-diff.ts";
import type { CliContext } from "../../context.ts";
import { ExitError } from "../../exit-error.ts";

interface DiffOptions extends TargetOptions {
  readonly json?: boolean;
  readonly exitCode?: boolean;
}

/** What --exit-code answers where something differs, as `slipway plan` does. */
const changesExitCode = 2;

export function define(command: Command, context: CliContext): void {
  addTargetOptions(command)
    .argument("[addon]", "the add-on's name (default: all the cluster shall have)")
    .option("--json", "as JSON")
    .option("--exit-code", "end with 2 where something differs, 0 where nothing does")
    .action((addon: string | undefined, options: DiffOptions) => diff(context, addon, options));
}

async function diff(context: CliContext, name: string | undefined, options: DiffOptions): Promise<void> {
  const { target } = await chooseTarget(context, options);
  const diffs = await diffAddons(target, name, context);
  context.out(options.json ? `${JSON.stringify(diffs, null, 2)}\n` : diffs.map(formatDiff).join(""));
  if (options.exitCode && diffs.some(({ hasChanges }) => hasChanges)) throw new ExitError(changesExitCode);
}

async function diffAddons(target: AddonTarget, name: string | undefined, { signal }: CliContext): Promise<AddonDiff[]> {
  const all = chooseAddons(target.config);
  const chosen = name === undefined ? all : all.filter((addon) => addon.name === name);
  if (chosen.length === 0) {
    throw new UserError(`Cannot find add-on ${name}: the configuration does not list it`, {
      hints: [`It has: ${all.map((addon) => addon.name).join(", ")}.`],
      exitCode: exitCodes.notFound,
    });
  }
  const diffs: AddonDiff[] = [];
  for (const addon of chosen) diffs.push(await diffChosen(target, addon, signal));
  return diffs;
}
