// slipway scale

import type { Command } from "commander";
import type { ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";
import { formatDuration, wantedNodes } from "#turnup";
import { addNameOption, findCluster, planInput, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { addDrainOptions, type DrainFlags, drainNodes } from "../node/drain-nodes.ts";
import { resizePool } from "../node/pools.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../progress.ts";
import { turnUp } from "../turn-up.ts";
import { refuseWhileUpgrading } from "../upgrade/upgrade-state.ts";

interface ScaleOptions extends ProgressOptions, DrainFlags {
  readonly name?: string;
  readonly force?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addDrainOptions(addProgressOptions(addNameOption(command)))
    .argument("<pool=count...>", "pools and how many nodes each is to have, such as worker=5")
    .option("--force", "do not drain the nodes that go")
    .action((sizes: string[], options: ScaleOptions) => scale(context, sizes, options));
}

/** Of a pool that shrinks the youngest nodes go, those with the highest numbers. */
async function scale(context: CliContext, sizes: readonly string[], options: ScaleOptions): Promise<void> {
  const start = performance.now();
  const cluster = findCluster(context, options.name);
  const config = sizes.map(parseSize).reduce(applySize, cluster.config);
  const say = sayer(context, options);
  await withClusterLock(cluster, "scale", async () => {
    refuseWhileUpgrading(cluster);
    const namesOf = (wanted: ClusterConfig) => wantedNodes(planInput(cluster, wanted, context));
    const kept = new Set(namesOf(config));
    const lost = namesOf(cluster.config).filter((name) => !kept.has(name));
    if (!options.force) await drainNodes(cluster, lost, { context, flags: options, say });
    await turnUp(cluster, config, context, { onEvent: createRenderer(context, options) });
  });
  const pools = config.workers.map(({ name, count }) => `${name}=${count}`).join(" ");
  say(`Cluster ${cluster.name} has ${pools} after ${formatDuration(performance.now() - start)}.\n`);
}

interface PoolSize {
  readonly pool: string;
  readonly count: number;
}

function parseSize(text: string): PoolSize {
  const [, pool, count] = /^([a-z0-9-]+)=(\d{1,5})$/.exec(text) ?? [];
  if (pool !== undefined) return { pool, count: Number(count) };
  throw new UserError(`Cannot use ${text}: it must be a pool and a number, such as worker=5`, {
    exitCode: exitCodes.usage,
  });
}

function applySize(config: ClusterConfig, { pool, count }: PoolSize): ClusterConfig {
  return resizePool(config, pool, count);
}
