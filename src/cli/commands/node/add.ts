// slipway node add

import type { Command } from "commander";
import type { ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";
import { addNameOption, findCluster, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions } from "../../progress.ts";
import { turnUp } from "../../turn-up.ts";

interface NodeAddOptions extends ProgressOptions {
  readonly name?: string;
  readonly pool?: string;
  readonly count: string;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .option("--pool <pool>", "the pool of workers to grow (default: the first)")
    .option("--count <count>", "how many nodes to add", "1")
    .action((options: NodeAddOptions) => nodeAdd(context, options));
}

async function nodeAdd(context: CliContext, options: NodeAddOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const config = growPool(cluster.config, options.pool, parseCount(options.count));
  await withClusterLock(cluster, "node add", () =>
    turnUp(cluster, config, context, { onEvent: createRenderer(context, options) }),
  );
}

function growPool(config: ClusterConfig, name: string | undefined, by: number): ClusterConfig {
  const { workers } = config;
  const index = name === undefined ? 0 : workers.findIndex((pool) => pool.name === name);
  const pool = workers[index];
  if (!pool && name === undefined)
    return { ...config, workers: [{ name: "worker", count: by, labels: {}, capacity: {} }] };
  if (!pool) {
    throw new UserError(`Cannot add nodes: cluster ${config.name} has no pool "${name}"`, {
      hints: [`Its pools: ${workers.map((known) => known.name).join(", ")}.`],
      exitCode: exitCodes.notFound,
    });
  }
  return { ...config, workers: workers.with(index, { ...pool, count: pool.count + by }) };
}

function parseCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new UserError(`Cannot use --count ${text}: it must be a whole number above 0`, { exitCode: exitCodes.usage });
}
