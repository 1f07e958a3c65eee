// slipway addon remove

import type { Command } from "commander";
import { type AddonDiff, diffAddon, findAddon, listInstalledAddons, withClusterClient } from "#addons";
import { exitCodes, UserError } from "#shared";
import { addonStep, openJournal, readJournal } from "#turnup";
import { formatDiff } from "../../addons/format-diff.ts";
import { runAddons } from "../../addons/run-addons.ts";
import { addNameOption, type ExistingCluster, findCluster, withClusterLock } from "../../cluster.ts";
import { kubeconfigOf } from "../../cluster-files.ts";
import type { CliContext } from "../../context.ts";
import { ExitError } from "../../exit-error.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { confirm } from "../../wizard/confirm.ts";

interface RemoveOptions extends ProgressOptions {
  readonly name?: string;
  readonly yes?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("<addon>", "the add-on's name")
    .option("-y, --yes", "do not ask (asked at a terminal only)")
    .action((addon: string, options: RemoveOptions) => remove(context, addon, options));
}

async function remove(context: CliContext, name: string, options: RemoveOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const say = sayer(context, options);
  await refuseFixed(cluster, name, context);
  const kubeconfig = kubeconfigOf(cluster);
  const goes = await withClusterClient(kubeconfig, (client) =>
    diffAddon(client, { name, objects: [] }, context.signal),
  );
  if (!options.yes && context.openKeyboard) {
    context.err(describeLoss(goes));
    if (!(await confirm(context, `Take ${name} out of cluster ${cluster.name}?`))) {
      say("Nothing was changed.\n");
      throw new ExitError(exitCodes.failed);
    }
  }
  const config = { ...cluster.config, addons: cluster.config.addons.filter((addon) => addon.name !== name) };
  await withClusterLock(cluster, "addon remove", async () => {
    noteAsBegun(cluster, name);
    await runAddons(cluster, config, context, { onEvent: createRenderer(context, options), only: [], removed: [name] });
  });
  say(`If the cluster is described by a file, take ${name} out of its addons there.\n`);
}

async function refuseFixed(cluster: ExistingCluster, name: string, { signal }: CliContext): Promise<void> {
  const { config } = cluster;
  if (config.network.plugin === name) {
    throw new UserError(`Cannot remove ${name}: it is the pod network of cluster ${cluster.name}`, {
      hints: ["Choose another one by network.plugin in the configuration, and run `slipway up`."],
      exitCode: exitCodes.usage,
    });
  }
  if (findAddon(name)?.always) {
    throw new UserError(`Cannot remove ${name}: every cluster has it`, { exitCode: exitCodes.usage });
  }
  if (config.addons.some((addon) => addon.name === name)) return;
  const installed = await withClusterClient(kubeconfigOf(cluster), (client) => listInstalledAddons(client, signal));
  if (installed.some((addon) => addon.name === name)) return;
  throw new UserError(`Cannot find add-on ${name}: cluster ${cluster.name} does not have it`, {
    hints: [`It has: ${installed.map((addon) => addon.name).join(", ") || "none"}.`],
    exitCode: exitCodes.notFound,
  });
}

function describeLoss(goes: AddonDiff): string {
  const definitions = goes.objects.filter(({ kind }) => kind === "CustomResourceDefinition");
  const loss =
    definitions.length === 0
      ? ""
      : "With the definitions go all objects of those kinds, also those that people have made.\n";
  return `${formatDiff(goes)}${loss}`;
}

/** One that somebody else has installed is taken out by the same way. */
function noteAsBegun({ paths }: ExistingCluster, name: string): void {
  const step = addonStep(name);
  if (readJournal(paths.journal).progressOf(step) !== "none") return;
  const journal = openJournal(paths.journal);
  try {
    journal.append({ time: new Date().toISOString(), event: "begun", step });
  } finally {
    journal.close();
  }
}
