// The configuration a command line asks for: a file or what the cluster was last turned up with, and flags over it.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { usesOwnEtcd } from "#bootstrap";
import {
  type ClusterConfig,
  type ClusterConfigInput,
  ConfigError,
  type ConfigProblem,
  configApiVersion,
  defaultClusterName,
  diffConfigs,
  effectOf,
  isOtherVersion,
  isSimulatedCluster,
  type ReadConfig,
  readConfig,
  resolveAddonPaths,
  resolveConfig,
} from "#config";
import { describeError, exitCodes, UserError } from "#shared";
import { clusterPaths, readClusterConfig, slipwayHome } from "#turnup";
import { checkValues } from "./check-values.ts";
import type { CliContext } from "./context.ts";

export interface ConfigOptions {
  readonly name?: string;
  readonly config?: string;
  readonly workers?: string;
  readonly simulated?: boolean;
  readonly controllers?: string;
  /** False with --no-scheduler. */
  readonly scheduler: boolean;
}

export function addConfigOptions(command: Command): Command {
  return command
    .option("--config <file>", 'configuration file, of slipway or of kind; "-" is standard input')
    .option("--workers <count>", "how many worker nodes")
    .option("--simulated", "simulated nodes: no root and no containers, pods only pretend to run")
    .option("--controllers <names>", 'run only these controllers, separated by commas; "none" for none')
    .option("--no-scheduler", "run no scheduler");
}

export interface DecidedConfig {
  readonly config: ClusterConfig;
  readonly notices: readonly string[];
}

/** Throws ConfigError with everything that is wrong. */
export async function decideConfig(context: CliContext, options: ConfigOptions): Promise<DecidedConfig> {
  const file = options.config === undefined ? undefined : readConfigFile(context, options.config);
  const name = options.name ?? file?.config.name ?? context.environment["SLIPWAY_CLUSTER_NAME"] ?? defaultClusterName;
  const stored = storedConfig(context, name);
  const base: ClusterConfigInput = file?.config ?? stored ?? { apiVersion: configApiVersion, kind: "Cluster" };
  const config = resolveConfig(withFlags({ ...base, name }, options));
  const problems = await checkValues(config);
  if (problems.length > 0)
    throw new ConfigError(
      options.config ?? "the configuration",
      problems.map((problem) => file?.locate(problem) ?? problem),
    );
  return { config, notices: file?.notices ?? [] };
}

/** Throws ConfigError with everything that is wrong, each with its line. "-" is standard input. */
export function readConfigFile(context: CliContext, path: string): ReadConfig {
  const source = nameSource(path);
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : resolve(context.folder, path), "utf8");
  } catch (cause) {
    throw new UserError(`Cannot read ${source}: ${whyUnreadable(cause)}`, { exitCode: exitCodes.notFound, cause });
  }
  const read = readConfig(text, source);
  const folder = path === "-" ? context.folder : dirname(resolve(context.folder, path));
  const addons = read.config.addons.map((addon) => resolveAddonPaths(addon, folder));
  return { ...read, config: { ...read.config, addons } };
}

/** How messages call a file. */
export function nameSource(path: string): string {
  return path === "-" ? "standard input" : path;
}

function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  return code === "EISDIR" ? "it is a folder" : describeError(error);
}

function storedConfig(context: CliContext, name: string): ClusterConfig | undefined {
  // A name that is none has no folder; what is wrong with it is said where the whole configuration is checked.
  if (!/^[a-z0-9-]+$/.test(name)) return undefined;
  return readClusterConfig(clusterPaths(slipwayHome(context.environment), name));
}

function withFlags(base: ClusterConfigInput, options: ConfigOptions): ClusterConfigInput {
  const { workers, simulated, controllers, scheduler } = options;
  return {
    ...base,
    ...(workers !== undefined && { workers: withCount(base.workers, workers) }),
    ...(simulated && { infrastructure: { provider: "local" as const, simulated: true } }),
    controlPlane: {
      ...base.controlPlane,
      ...(controllers !== undefined && { controllers: splitNames(controllers) }),
      ...(!scheduler && { scheduler: false }),
    },
  };
}

function withCount(pools: ClusterConfigInput["workers"], text: string): ClusterConfigInput["workers"] {
  if (!/^\d+$/.test(text)) {
    throw new UserError(`Cannot use --workers ${text}: it must be a whole number`, { exitCode: exitCodes.usage });
  }
  const [pool, ...others] = pools ?? [];
  if (others.length > 0) {
    throw new UserError("Cannot use --workers: the configuration has several pools of workers", {
      hints: ["Change the counts in the file."],
      exitCode: exitCodes.usage,
    });
  }
  return [{ ...pool, count: Number(text) }];
}

function splitNames(text: string): string[] {
  if (text === "none") return [];
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** What a running cluster is built on; it would have to be taken down to change it. */
const fixed: readonly { readonly path: string; of(config: ClusterConfig): unknown }[] = [
  { path: "distribution.type", of: ({ distribution }) => distribution.type },
  { path: "infrastructure.provider", of: ({ infrastructure }) => infrastructure.provider },
  { path: "infrastructure.simulated", of: isSimulatedCluster },
  {
    path: "distribution.etcd",
    of: (config) => config.infrastructure.provider !== "local" && usesOwnEtcd(config),
  },
  { path: "controlPlane.etcd", of: ({ controlPlane }) => (controlPlane.etcd ? "etcd" : "a store of its own") },
  { path: "network.podCIDR", of: ({ network }) => network.podCIDR },
  { path: "network.nodeMaskSize", of: ({ network }) => network.nodeMaskSize },
  { path: "network.serviceCIDR", of: ({ network }) => network.serviceCIDR },
  { path: "network.dnsDomain", of: ({ network }) => network.dnsDomain },
];

/** Throws ConfigError where the configuration would change what cannot change in an existing cluster. */
export function refuseChanges(context: CliContext, wanted: ClusterConfig): void {
  const stored = storedConfig(context, wanted.name);
  if (!stored) return;
  const problems = fixed.flatMap(({ path, of }): ConfigProblem[] => {
    const [before, after] = [of(stored), of(wanted)];
    if (before === after) return [];
    const message = `cannot change in an existing cluster, from ${JSON.stringify(before)} to ${JSON.stringify(after)}`;
    return [{ path: path.split("."), message }];
  });
  problems.push(...otherChanges(stored, wanted, problems));
  if (problems.length === 0) return;
  throw new ConfigError(
    `this configuration for cluster ${stored.name} (take it down first, or choose another name)`,
    problems,
  );
}

/** What the table of fields says, besides. */
function otherChanges(stored: ClusterConfig, wanted: ClusterConfig, known: readonly ConfigProblem[]): ConfigProblem[] {
  const named = new Set(known.map(({ path }) => path.join(".")));
  return diffConfigs(stored, wanted).flatMap((change): ConfigProblem[] => {
    const effect = effectOf(change, wanted);
    const path = change.path.split(".");
    if (effect === "upgrade" && isOtherVersion(stored, wanted)) {
      return [{ path, message: "changes node by node: slipway upgrade --config FILE" }];
    }
    if (effect !== "new cluster" || named.has(change.path)) return [];
    const [before, after] = [JSON.stringify(change.before), JSON.stringify(change.after)];
    return [{ path, message: `cannot change in an existing cluster, from ${before} to ${after}` }];
  });
}
