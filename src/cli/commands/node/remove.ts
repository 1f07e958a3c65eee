// slipway node remove

import type { Command } from "commander";
import type { ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";
import { wantedNodes } from "#turnup";
import { addNameOption, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addDrainOptions, type DrainFlags, drainNodes } from "../../node/drain-nodes.ts";
import { isControlPlane, poolOf, requireNode, resizePool } from "../../node/pools.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { turnUp } from "../../turn-up.ts";
import { refuseWhileUpgrading } from "../../upgrade/upgrade-state.ts";

interface NodeRemoveOptions extends ProgressOptions, DrainFlags {
  readonly name?: string;
  readonly force?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addDrainOptions(addProgressOptions(addNameOption(command)))
    .argument("<node>", "the node's name, such as dev-worker-2")
    .option("--force", "do not drain it first")
    .action((node: string, options: NodeRemoveOptions) => nodeRemove(context, node, options));
}

async function nodeRemove(context: CliContext, node: string, options: NodeRemoveOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const known = wantedNodes(planInput(cluster, cluster.config, context));
  const config = withoutNode(cluster.config, node, known);
  const say = sayer(context, options);
  await withClusterLock(cluster, "node remove", async () => {
    refuseWhileUpgrading(cluster);
    if (!options.force) await drainNodes(cluster, [node], { context, flags: options, say });
    await turnUp(cluster, config, context, { onEvent: createRenderer(context, options), excluded: [node] });
  });
}

function withoutNode(config: ClusterConfig, node: string, known: readonly string[]): ClusterConfig {
  requireNode(node, known, "remove");
  const pool = poolOf(config, node);
  if (pool) return resizePool(config, pool.name, pool.count - 1);
  const { controlPlane } = config;
  if (isControlPlane(config, node) && controlPlane.replicas > 1) {
    return { ...config, controlPlane: { ...controlPlane, replicas: controlPlane.replicas - 1 } };
  }
  throw new UserError(`Cannot remove node ${node}: it is the control plane`, {
    hints: [`Take the cluster down instead: slipway down --name ${config.name}`],
    exitCode: exitCodes.notFound,
  });
}
