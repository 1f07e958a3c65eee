// slipway node delete

import type { Command } from "commander";
import { withClusterClient } from "#addons";
import type { ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";
import { wantedNodes } from "#turnup";
import { addNameOption, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { drainNode } from "../../drain-node.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { turnUp } from "../../turn-up.ts";

interface NodeDeleteOptions extends ProgressOptions {
  readonly name?: string;
  readonly force?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("<node>", "the node's name, such as dev-worker-2")
    .option("--force", "do not drain it first")
    .action((node: string, options: NodeDeleteOptions) => nodeDelete(context, node, options));
}

async function nodeDelete(context: CliContext, node: string, options: NodeDeleteOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const known = wantedNodes(planInput(cluster, cluster.config, context));
  const config = shrinkPool(cluster.config, node, known);
  const say = sayer(context, options);
  await withClusterLock(cluster, "node delete", async () => {
    if (!options.force) {
      await withClusterClient(cluster.paths.kubeconfig, (client) =>
        drainNode(client, node, { signal: context.signal, onWait: (reason) => say(`slipway: ${reason}\n`) }),
      );
    }
    await turnUp(cluster, config, context, { onEvent: createRenderer(context, options), excluded: node });
  });
}

function shrinkPool(config: ClusterConfig, node: string, known: readonly string[]): ClusterConfig {
  const index = config.workers.findIndex(({ name }) => {
    const prefix = `${config.name}-${name}-`;
    return node.startsWith(prefix) && /^\d+$/.test(node.slice(prefix.length));
  });
  const pool = config.workers[index];
  if (pool && known.includes(node))
    return { ...config, workers: config.workers.with(index, { ...pool, count: pool.count - 1 }) };
  const isControlPlane = known.includes(node);
  throw new UserError(
    `Cannot delete node ${node}: ${isControlPlane ? "it is the control plane" : "there is no such node"}`,
    {
      hints: [
        `Workers: ${known.filter((name) => !name.startsWith(`${config.name}-control-plane-`)).join(", ") || "none"}.`,
      ],
      exitCode: exitCodes.notFound,
    },
  );
}
