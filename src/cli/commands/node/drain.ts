// slipway node drain

import type { Command } from "commander";
import { addNameOption, findCluster } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addDrainOptions, type DrainFlags, drainNodes } from "../../node/drain-nodes.ts";
import { noSuchNode } from "../../node/pools.ts";
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
  const say = sayer(context, {});
  // The API knows the nodes, also those that a cloud makes.
  const missing = await drainNodes(cluster, [node], { context, flags: options, say });
  if (missing.length > 0) throw noSuchNode(node, "drain");
  say(`Node ${node} is empty, and no new pods come to it. Let them again: slipway node uncordon ${node}\n`);
}
