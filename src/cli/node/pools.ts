// Pools of workers and the nodes in them, as commands name them. Pure.

import type { ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";

/** The same configuration with so many nodes in the pool. Throws UserError where there is no such pool. */
export function resizePool(config: ClusterConfig, name: string, count: number): ClusterConfig {
  const { workers } = config;
  const index = workers.findIndex((pool) => pool.name === name);
  const pool = workers[index];
  if (pool) return { ...config, workers: workers.with(index, { ...pool, count }) };
  throw new UserError(`Cannot scale pool ${name}: cluster ${config.name} has no such pool`, {
    hints: [`Its pools: ${workers.map((known) => `${known.name} (${known.count})`).join(", ") || "none"}.`],
    exitCode: exitCodes.notFound,
  });
}

/** The pool of a worker by the node's name; undefined for what is no worker's name. */
export function poolOf(config: ClusterConfig, node: string): ClusterConfig["workers"][number] | undefined {
  return config.workers.find(({ name }) => {
    const prefix = `${config.name}-${name}-`;
    return node.startsWith(prefix) && /^\d+$/.test(node.slice(prefix.length));
  });
}

/**
 * The name of the node that a pool has beyond its size, or would get: above all others, as those go first that have the highest numbers.
 * `existing` are the cluster's nodes.
 */
export function findSpare(
  config: ClusterConfig,
  { name, count }: ClusterConfig["workers"][number],
  existing: readonly string[],
): string {
  const prefix = `${config.name}-${name}-`;
  const own = existing.filter((node) => poolOf(config, node)?.name === name);
  const last = Math.max(0, ...own.map((node) => Number(node.slice(prefix.length))));
  return `${prefix}${own.length > count ? last : last + 1}`;
}

export function isControlPlane({ name }: ClusterConfig, node: string): boolean {
  return node.startsWith(`${name}-control-plane-`);
}

/** Throws a UserError for a name that is no node of the cluster. */
export function requireNode(node: string, known: readonly string[], verb: string): void {
  if (known.includes(node)) return;
  throw noSuchNode(node, verb, [`There are: ${known.join(", ") || "none"}.`]);
}

export function noSuchNode(node: string, verb: string, hints: readonly string[] = []): UserError {
  return new UserError(`Cannot ${verb} node ${node}: there is no such node`, { hints, exitCode: exitCodes.notFound });
}
