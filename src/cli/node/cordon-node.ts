// Keeps new pods off a node, or lets them come again: what `node cordon` and `node uncordon` have in common.

import type { Command } from "commander";
import { withClusterClient } from "#addons";
import { addNameOption } from "../cluster.ts";
import { findKubeconfig } from "../cluster-files.ts";
import type { CliContext } from "../context.ts";
import { setSchedulable } from "./drain-node.ts";
import { noSuchNode } from "./pools.ts";

export function defineCordon(command: Command, context: CliContext, { schedulable }: { schedulable: boolean }): void {
  addNameOption(command)
    .argument("<node>", "the node's name, such as dev-worker-2")
    .action(async (node: string, { name }: { name?: string }) => {
      const { signal } = context;
      const found = await withClusterClient(findKubeconfig(context, name), (client) =>
        setSchedulable(client, node, { schedulable, signal }),
      );
      if (!found) throw noSuchNode(node, schedulable ? "uncordon" : "cordon");
      context.err(
        schedulable ? `New pods may come to ${node} again.\n` : `No new pods come to ${node}; those there stay.\n`,
      );
    });
}
