// What commands about one cluster share: which cluster is meant, its files, its lock, its plan.

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { findUserKubeconfig } from "#bootstrap";
import { type ClusterConfig, defaultClusterName, isManagedInfrastructure } from "#config";
import { chooseProvider } from "#provision";
import { exec, exitCodes, takeLock, UserError } from "#shared";
import {
  type ClusterPaths,
  clusterPaths,
  listClusters,
  type PlanInput,
  readClusterConfig,
  readJournal,
  readLeaving,
  readSimulatedNodes,
  slipwayHome,
} from "#turnup";
import { artifactSource } from "./bundle/artifact-source.ts";
import type { CliContext } from "./context.ts";
import { findRemoteMeans } from "./remote/remote-means.ts";

/** Adds --name. */
export function addNameOption(command: Command): Command {
  return command.option(
    "-n, --name <name>",
    `the cluster's name (default: ${defaultClusterName}, or the only one there is)`,
  );
}

export interface NamedCluster {
  readonly name: string;
  readonly home: string;
  readonly paths: ClusterPaths;
}

export interface ExistingCluster extends NamedCluster {
  readonly config: ClusterConfig;
}

/** The cluster of that name, existing or not; without a name the only one there is, else the default. Throws for what is no name. */
export function nameCluster(context: CliContext, name?: string): NamedCluster {
  const home = slipwayHome(context.environment);
  const existing = listClusters(home);
  const chosen =
    name ?? context.environment["SLIPWAY_CLUSTER_NAME"] ?? (existing.length === 1 ? existing[0]! : defaultClusterName);
  // A name is part of paths, some of which are deleted with all below them.
  if (!/^[a-z0-9-]+$/.test(chosen)) {
    throw new UserError(`Cannot use the name "${chosen}": names of clusters have lower case letters, digits and '-'`, {
      hints: describeClusters(existing),
      exitCode: exitCodes.usage,
    });
  }
  return { name: chosen, home, paths: clusterPaths(home, chosen) };
}

/** The cluster, which must have been turned up. Throws UserError naming those there are. */
export function findCluster(context: CliContext, name?: string): ExistingCluster {
  const cluster = nameCluster(context, name);
  const config = readClusterConfig(cluster.paths);
  if (config) return { ...cluster, config };
  const existing = listClusters(cluster.home);
  throw new UserError(`Cannot find cluster ${cluster.name}: it was never turned up`, {
    hints: existing.length > 0 ? describeClusters(existing) : ["Turn one up with `slipway up`."],
    exitCode: exitCodes.notFound,
  });
}

/** A hint, where there are any. */
export function describeClusters(names: readonly string[]): string[] {
  return names.length > 0 ? [`There are: ${names.join(", ")}. Choose one with --name.`] : [];
}

/** Runs the action while no other slipway changes the cluster. */
export async function withClusterLock<T>(
  { paths, name }: NamedCluster,
  purpose: string,
  action: () => Promise<T>,
): Promise<T> {
  const release = lock(paths, name, purpose);
  try {
    return await action();
  } finally {
    release();
  }
}

function lock(paths: ClusterPaths, name: string, purpose: string): () => void {
  try {
    return takeLock(paths.lock, purpose);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const holder = /slipway \S+ \(pid \d+\)/.exec(error.message)?.[0] ?? "another slipway";
    throw new UserError(`Cannot work on cluster ${name}: ${holder} is at it already`, {
      hints: error.hints,
      exitCode: error.exitCode,
      cause: error,
    });
  }
}

/** What plans of the cluster are made from. `excluded` are nodes that are to go, besides those that were on their way already. */
export function planInput(
  { paths }: NamedCluster,
  config: ClusterConfig,
  context: CliContext,
  excluded: readonly string[] = [],
): PlanInput {
  const remote = findRemoteMeans(config, paths);
  return {
    config,
    paths,
    provider: chooseProvider(config),
    exec,
    programs: context.programs,
    artifacts: artifactSource(paths, context),
    names: { existing: existingNodes(paths), excluded: [...readLeaving(paths), ...excluded] },
    userKubeconfig: findUserKubeconfig(context.environment),
    ...(remote && { remote }),
  };
}

/** Whether control plane and data are not this machine's: on machines reached by a connection, or a cloud's own. */
export function isElsewhere({ remote, config }: PlanInput): boolean {
  return remote !== undefined || isManagedInfrastructure(config.infrastructure);
}

/** The machines that an earlier plan has begun, and the simulated nodes it wanted. */
function existingNodes(paths: ClusterPaths): string[] {
  const machines = readJournal(paths.journal)
    .begunSteps()
    .filter((step) => step.startsWith("provision/machine/"))
    .map((step) => step.slice("provision/machine/".length));
  return [...machines, ...readSimulatedNodes(paths)];
}

/** Whether anything of the cluster is on disk, if only half made. */
export function hasTraces({ paths }: NamedCluster): boolean {
  return existsSync(paths.folder);
}
