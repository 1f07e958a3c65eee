// The configuration a command line asks for: a file or what the cluster was last turned up with, and flags over it.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import {
  type ClusterConfig,
  type ClusterConfigInput,
  ConfigError,
  type ConfigProblem,
  configApiVersion,
  defaultClusterName,
  didYouMean,
  readConfig,
  resolveConfig,
} from "#config";
import { describeError, exitCodes, UserError } from "#shared";
import { clusterPaths, readClusterConfig, slipwayHome } from "#turnup";
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
  const file = options.config === undefined ? undefined : readFile(context, options.config);
  const name = options.name ?? file?.config.name ?? context.environment["SLIPWAY_CLUSTER_NAME"] ?? defaultClusterName;
  const stored = storedConfig(context, name);
  const base: ClusterConfigInput = file?.config ?? stored ?? { apiVersion: configApiVersion, kind: "Cluster" };
  const config = resolveConfig(withFlags({ ...base, name }, options));
  const source = options.config ?? "the configuration";
  await checkControllers(config, source);
  await checkApiServerFiles(config, source);
  return { config, notices: file?.notices ?? [] };
}

/** Loaded only where names are given: the list comes with all the controllers. */
async function checkControllers({ controlPlane }: ClusterConfig, source: string): Promise<void> {
  const words = controlPlane.controllers.filter((word) => word !== "*");
  if (words.length === 0) return;
  const { controllers } = await import("#kubernetes/controllers");
  const known = controllers.flatMap(({ name, aliases }) => [name, ...aliases]);
  const problems = words.flatMap((word): ConfigProblem[] => {
    const name = word.replace(/^-/, "");
    if (known.includes(name)) return [];
    const guess = didYouMean(name, known);
    const hint = guess ? `, did you mean "${guess}"?` : `; there are: ${controllers.map((one) => one.name).join(", ")}`;
    return [{ path: ["controlPlane", "controllers"], message: `"${name}" is no controller${hint}` }];
  });
  if (problems.length > 0) throw new ConfigError(source, problems);
}

/** Files that the API server could not start with are refused before anything is made. */
async function checkApiServerFiles({ controlPlane: { apiServer } }: ClusterConfig, source: string): Promise<void> {
  if (Object.keys(apiServer).length === 0) return;
  const { readAuditPolicy, readAuthenticationConfiguration, readEncryptionConfiguration, readWebhookKubeconfig } =
    await import("#kubernetes/apiserver");
  const readers = {
    auditPolicy: readAuditPolicy,
    authenticationConfig: readAuthenticationConfiguration,
    authenticationTokenWebhookConfig: (text: string) => readWebhookKubeconfig(text, "token-webhook"),
    encryptionProviderConfig: readEncryptionConfiguration,
  };
  const problems = Object.entries(readers).flatMap(([field, read]): ConfigProblem[] => {
    const path = apiServer[field as keyof typeof readers];
    if (path === undefined) return [];
    try {
      read(readFileSync(path, "utf8"));
      return [];
    } catch (error) {
      return [{ path: ["controlPlane", "apiServer", field], message: `${path}: ${describeError(error)}` }];
    }
  });
  if (problems.length > 0) throw new ConfigError(source, problems);
}

function readFile(context: CliContext, path: string): { config: ClusterConfig; notices: readonly string[] } {
  const source = path === "-" ? "standard input" : path;
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : resolve(context.folder, path), "utf8");
  } catch (cause) {
    throw new UserError(`Cannot read ${source}: ${describeError(cause)}`, { exitCode: exitCodes.notFound, cause });
  }
  return readConfig(text, source);
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
  { path: "infrastructure.simulated", of: ({ infrastructure }) => infrastructure.simulated },
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
  if (problems.length === 0) return;
  throw new ConfigError(
    `this configuration for cluster ${stored.name} (take it down first, or choose another name)`,
    problems,
  );
}
