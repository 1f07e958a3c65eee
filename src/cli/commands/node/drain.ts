// slipway node drain

import type { Command } from "commander";
import { wantedNodes } from "#turnup";
import { addNameOption, findCluster, planInput } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addDrainOptions, type DrainFlags, drainNodes } from "../../node/drain-nodes.ts";
import { requireNode } from "../../node/pools.ts";
import { sayer } from "../../progress.ts";

interface NodeDrainOptions extends DrainFlags {
  readonly name?: string;
}

export function define(command: Command, context: CliContext): void {
  addDrainOptions(addNameOption(command))
    .argument("<node>", "the node's name, such as dev-worker-2")
    .action((node: string, options: NodeDrainOptions) => nodeDrain(context, node, options));
}

async function nodeDrain(context: CliContext, node: string, options: NodeDrainOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  requireNode(node, wantedNodes(planInput(cluster, cluster.config, context)), "drain");
  const say = sayer(context, {});
  await drainNodes(cluster, [node], { context, flags: options, say });
  say(`Node ${node} is empty, and no new pods come to it. Let them again: slipway node uncordon ${node}\n`);
}
