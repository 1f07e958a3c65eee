// slipway store restore

import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { supervisorStatus } from "#bootstrap";
import { restoreSnapshot } from "#kubernetes/store";
import { exitCodes, UserError } from "#shared";
import { addNameOption, findCluster, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("<file>", "what `store snapshot` has saved")
    .action((file: string, { name }: { name?: string }) => restore(context, file, name));
}

/** The data there was goes only when the other is in its place. */
async function restore(context: CliContext, file: string, name?: string): Promise<void> {
  const cluster = findCluster(context, name);
  const path = resolve(context.folder, file);
  if (!existsSync(path)) {
    throw new UserError(`Cannot restore ${file}: there is no such file`, { exitCode: exitCodes.notFound });
  }
  if (cluster.config.controlPlane.etcd) {
    throw new UserError(`Cannot restore cluster ${cluster.name}: its data is in etcd`, {
      hints: ["Restore etcd with `etcdctl snapshot restore`."],
    });
  }
  await withClusterLock(cluster, "store restore", async () => {
    if (await supervisorStatus(cluster.paths.folder)) {
      throw new UserError(`Cannot restore cluster ${cluster.name}: it runs`, {
        hints: [`Stop it first: slipway stop --name ${cluster.name}`],
      });
    }
    const { store } = cluster.paths;
    const fresh = `${store}-restored`;
    await rm(fresh, { recursive: true, force: true });
    try {
      await restoreSnapshot(path, fresh, { signal: context.signal });
      await rm(store, { recursive: true, force: true });
      await rename(fresh, store);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  });
  context.err(`Cluster ${cluster.name} has the data of ${file}; \`slipway start --name ${cluster.name}\` starts it.\n`);
}
