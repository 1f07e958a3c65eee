// Which cluster's add-ons a command is about: one slipway has turned up, by its name; or any other, by a kubeconfig, with a
// configuration file that says what it shall have. Of the latter the lock file lies beside the configuration.

import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { createNetworkSource } from "#bootstrap";
import { type ClusterConfig, ConfigError } from "#config";
import { exec, exitCodes, UserError } from "#shared";
import type { AddonTarget } from "#turnup";
import { checkValues } from "../check-values.ts";
import { addNameOption, type ExistingCluster, findCluster } from "../cluster.ts";
import { readConfigFile } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { targetOf } from "./run-addons.ts";

export interface TargetOptions {
  readonly name?: string;
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export function addTargetOptions(command: Command): Command {
  return addNameOption(command)
    .option("--config <file>", "configuration file (default: what the cluster was last turned up with)")
    .option("--kubeconfig <file>", "of any other cluster, with --config: its kubeconfig")
    .option("--context <name>", "a context of that kubeconfig (default: its current one)");
}

export interface ChosenTarget {
  readonly target: AddonTarget;
  /** Absent for a cluster slipway did not turn up. */
  readonly cluster?: ExistingCluster;
}

/** Throws ConfigError and UserError for what is wrong with the configuration, and where there is no such cluster. */
export async function chooseTarget(context: CliContext, options: TargetOptions): Promise<ChosenTarget> {
  const config = options.config === undefined ? undefined : await readChecked(context, options.config);
  if (options.kubeconfig !== undefined) {
    if (!config)
      throw usageError("Cannot choose add-ons: --kubeconfig needs --config, which says what the cluster shall have");
    return { target: strangersTarget(context, config, options) };
  }
  if (options.context !== undefined) throw usageError("Cannot use --context without --kubeconfig");
  const cluster = findCluster(context, options.name ?? config?.name);
  return { target: targetOf(cluster, config ?? cluster.config, context), cluster };
}

async function readChecked(context: CliContext, path: string): Promise<ClusterConfig> {
  const { config, locate } = readConfigFile(context, path);
  const problems = await checkValues(config);
  if (problems.length > 0) throw new ConfigError(path, problems.map(locate));
  return config;
}

function strangersTarget(context: CliContext, config: ClusterConfig, options: TargetOptions): AddonTarget {
  const { kubeconfig = "", context: contextName, config: file = "-" } = options;
  const folder = file === "-" ? context.folder : dirname(resolve(context.folder, file));
  const cache = join(context.environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway");
  return {
    config,
    kubeconfig: resolve(context.folder, kubeconfig),
    ...(contextName !== undefined && { context: contextName }),
    lockFile: join(folder, "addons.lock.json"),
    cache,
    exec,
    artifacts: createNetworkSource({ folder: cache, own: async () => undefined }),
  };
}

function usageError(message: string): UserError {
  return new UserError(message, { exitCode: exitCodes.usage });
}
