// slipway bundle install

import type { Command } from "commander";
import { supervisorStatus } from "#bootstrap";
import { isSimulatedCluster } from "#config";
import { useBundle } from "../../bundle/use-bundle.ts";
import { addNameOption, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { loadImages } from "../../load-images.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("<file>", "a bundle")
    .action((file: string, { name }: { name?: string }) => install(context, file, name));
}

/** Nodes that run get its images at once, others when they start. */
async function install(context: CliContext, file: string, name?: string): Promise<void> {
  const cluster = findCluster(context, name);
  await withClusterLock(cluster, "bundle install", async () => {
    const { artifacts } = await useBundle(cluster, cluster.config, file, context);
    const runs = !isSimulatedCluster(cluster.config) && (await supervisorStatus(cluster.paths.folder)) !== undefined;
    const archives = await planInput(cluster, cluster.config, context).artifacts.imageArchives();
    if (runs) for (const archive of archives) await loadImages(cluster, archive, context);
    context.err(
      `Cluster ${cluster.name} takes what it needs from ${file} (${artifacts.length} artifacts), and nothing from the network.\n`,
    );
  });
}
