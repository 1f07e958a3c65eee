// slipway node replace

import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { readLeaving, wantedNodes } from "#turnup";
import { addNameOption, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addDrainOptions, type DrainFlags } from "../../node/drain-nodes.ts";
import { isControlPlane, requireNode } from "../../node/pools.ts";
import { replaceNode } from "../../node/replace-node.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { refuseWhileUpgrading } from "../../upgrade/upgrade-state.ts";

interface NodeReplaceOptions extends ProgressOptions, DrainFlags {
  readonly name?: string;
  readonly force?: boolean;
  readonly surge?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addDrainOptions(addProgressOptions(addNameOption(command)))
    .argument("<node>", "the node's name, such as dev-worker-2")
    .option("--surge", "make the new one before the old one goes")
    .option("--force", "do not drain it first: it is lost, or its pods do not matter")
    .action((node: string, options: NodeReplaceOptions) => nodeReplace(context, node, options));
}

async function nodeReplace(context: CliContext, node: string, options: NodeReplaceOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const { config } = cluster;
  // One that is on its way out already was being replaced when somebody interrupted it.
  const known = [...wantedNodes(planInput(cluster, config, context)), ...readLeaving(cluster.paths)];
  requireNode(node, known, "replace");
  if (isControlPlane(config, node) && config.controlPlane.replicas === 1) {
    throw new UserError(`Cannot replace node ${node}: it is the only control plane, and its data would go with it`, {
      hints: ["Save the data, take the cluster down and up again, and restore it: slipway store snapshot, restore."],
      exitCode: exitCodes.config,
    });
  }
  if (isControlPlane(config, node) && options.surge) {
    throw new UserError(`Cannot use --surge for ${node}: control planes are replaced one by one, the old one first`, {
      hints: ["Leave --surge out: the others keep the data meanwhile."],
      exitCode: exitCodes.usage,
    });
  }
  const say = sayer(context, options);
  await withClusterLock(cluster, "node replace", async () => {
    refuseWhileUpgrading(cluster);
    const onEvent = createRenderer(context, options);
    const made = await replaceNode(cluster, node, { context, flags: options, say, onEvent });
    say(`Node ${node} is replaced by ${made}.\n`);
  });
}
