// slipway store compact

import type { Command } from "commander";
import { addNameOption, findCluster, planInput } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { refuseUpstreamData } from "../../store/refuse-data.ts";
import { askStore } from "../../store/store-request.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command).action(async ({ name }: { name?: string }) => {
    const cluster = findCluster(context, name);
    refuseUpstreamData(planInput(cluster, cluster.config, context), "compact");
    await askStore(cluster, "POST", "compact", async () => {});
    context.err(`Cluster ${cluster.name} no longer knows how its data was before.\n`);
  });
}
