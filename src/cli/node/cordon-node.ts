// Keeps new pods off a node, or lets them come again: what `node cordon` and `node uncordon` have in common.

import type { Command } from "commander";
import { withClusterClient } from "#addons";
import { exitCodes, UserError } from "#shared";
import { addNameOption, findCluster } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { setSchedulable } from "./drain-node.ts";

export function defineCordon(command: Command, context: CliContext, { schedulable }: { schedulable: boolean }): void {
  addNameOption(command)
    .argument("<node>", "the node's name, such as dev-worker-2")
    .action(async (node: string, { name }: { name?: string }) => {
      const { signal } = context;
      const { paths } = findCluster(context, name);
      const found = await withClusterClient(paths.kubeconfig, (client) =>
        setSchedulable(client, node, { schedulable, signal }),
      );
      if (!found) {
        const verb = schedulable ? "uncordon" : "cordon";
        throw new UserError(`Cannot ${verb} node ${node}: there is no such node`, { exitCode: exitCodes.notFound });
      }
      context.err(
        schedulable ? `New pods may come to ${node} again.\n` : `No new pods come to ${node}; those there stay.\n`,
      );
    });
}
