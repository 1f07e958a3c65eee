// slipway store defragment

import type { Command } from "commander";
import { addNameOption, findCluster } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { askStore } from "../../store/store-request.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command).action(async ({ name }: { name?: string }) => {
    const cluster = findCluster(context, name);
    await askStore(cluster, "POST", "defragment", async () => {});
    context.err(`The etcd of cluster ${cluster.name} has given its free space back.\n`);
  });
}
