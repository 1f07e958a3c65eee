// slipway bundle install

import type { Command } from "commander";
import { supervisorStatus } from "#bootstrap";
import { isSimulatedCluster } from "#config";
import { machinesFile, type PlanInput, readMachines } from "#turnup";
import { useBundle } from "../../bundle/use-bundle.ts";
import { addNameOption, type ExistingCluster, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { loadImages } from "../../load-images.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("<file>", "a bundle")
    .action((file: string, { name }: { name?: string }) => install(context, file, name));
}

/** Machines elsewhere that nobody gets onto have what they were made with. */
async function runs({ config, paths }: ExistingCluster, { remote }: PlanInput): Promise<boolean> {
  if (isSimulatedCluster(config)) return false;
  if (!remote) return (await supervisorStatus(paths.folder)) !== undefined;
  const machines = await readMachines(machinesFile(paths.folder));
  return machines.length > 0 && machines.every(({ duty, access }) => duty !== undefined && access.kind !== "none");
}

/** Nodes that run get its images at once, others when they start. */
async function install(context: CliContext, file: string, name?: string): Promise<void> {
  const cluster = findCluster(context, name);
  await withClusterLock(cluster, "bundle install", async () => {
    const { artifacts } = await useBundle(cluster, { file, configs: [cluster.config] }, context);
    const input = planInput(cluster, cluster.config, context);
    const archives = (await runs(cluster, input)) ? await input.artifacts.imageArchives() : [];
    for (const { path } of archives) await loadImages(cluster, path, context);
    context.err(
      `Cluster ${cluster.name} takes what it needs from ${file} (${artifacts.length} artifacts), and nothing from the network.\n`,
    );
  });
}
