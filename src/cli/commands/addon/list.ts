// slipway addon list

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { catalogue, type InstalledAddon, listInstalledAddons, withClusterClient } from "#addons";
import { describeError } from "#shared";
import { readClusterConfig } from "#turnup";
import { type ListedAddon, listAddons } from "../../addons/list-addons.ts";
import { addNameOption, type ExistingCluster, findCluster, nameCluster } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { formatTable } from "../../text/table.ts";

interface ListOptions {
  readonly name?: string;
  readonly json?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .option("--json", "as JSON")
    .action((options: ListOptions) => list(context, options));
}

async function list(context: CliContext, options: ListOptions): Promise<void> {
  const cluster = chosenCluster(context, options.name);
  const installed = cluster && (await askCluster(cluster, context));
  const found = listAddons({ catalogue, ...(cluster && { config: cluster.config }), ...(installed && { installed }) });
  context.out(options.json ? `${JSON.stringify(found, null, 2)}\n` : formatList(found, cluster !== undefined));
}

/** Without a cluster there is still the catalogue; a name that was given must be one. */
function chosenCluster(context: CliContext, name: string | undefined): ExistingCluster | undefined {
  const exists = readClusterConfig(nameCluster(context, name).paths) !== undefined;
  return name === undefined && !exists ? undefined : findCluster(context, name);
}

async function askCluster(
  { paths, name }: ExistingCluster,
  { signal, err }: CliContext,
): Promise<readonly InstalledAddon[] | undefined> {
  if (!existsSync(paths.kubeconfig)) return undefined;
  try {
    return await withClusterClient(paths.kubeconfig, (client) => listInstalledAddons(client, signal));
  } catch (error) {
    signal.throwIfAborted();
    err(`slipway: cluster ${name} does not answer: ${describeError(error)}\n`);
    return undefined;
  }
}

function formatList(addons: readonly ListedAddon[], ofCluster: boolean): string {
  if (!ofCluster) {
    const rows = addons.map(({ name, version = "", description }) => [name, version, description]);
    return formatTable(["NAME", "VERSION", "DESCRIPTION"], rows);
  }
  const rows = addons.map(({ name, state, installed = "", version = "", description }) => {
    const upgrade =
      installed !== "" && version !== "" && installed !== version ? `${installed} → ${version}` : installed || version;
    return [name, state, upgrade, description];
  });
  return formatTable(["NAME", "STATE", "VERSION", "DESCRIPTION"], rows);
}
