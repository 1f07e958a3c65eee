// slipway store restore

import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { askSupervisor, controlPlaneUnit, supervisorStatus } from "#bootstrap";
import { restoreSnapshot } from "#kubernetes/store";
import { exitCodes, UserError } from "#shared";
import {
  addNameOption,
  type ExistingCluster,
  findCluster,
  isElsewhere,
  planInput,
  withClusterLock,
} from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { saveSafetySnapshot } from "../../store/save-snapshot.ts";
import { turnUp } from "../../turn-up.ts";
import { forgetUpgrade } from "../../upgrade/upgrade-state.ts";

interface RestoreOptions extends ProgressOptions {
  readonly name?: string;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("<file>", "what `store snapshot`, or the schedule of controlPlane.snapshots, has saved")
    .action((file: string, options: RestoreOptions) => restore(context, file, options));
}

/**
 * Of a cluster that runs, only the control plane and the agents are stopped for it: containers go on, and what the data does not know
 * of is removed by the agents when they are back.
 */
async function restore(context: CliContext, file: string, options: RestoreOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const say = sayer(context, options);
  const path = resolve(context.folder, file);
  if (!existsSync(path)) {
    throw new UserError(`Cannot restore ${file}: there is no such file`, { exitCode: exitCodes.notFound });
  }
  refuseDataElsewhere(cluster, context);
  await withClusterLock(cluster, "store restore", async () => {
    const status = await supervisorStatus(cluster.paths.folder);
    const serves = status?.units.some(({ name, state }) => name === controlPlaneUnit && state.state === "ready");
    if (serves)
      say(`The data there is now is saved to ${await saveSafetySnapshot(cluster, "restore", { context })}.\n`);
    // What the file says is looked at before anything is stopped.
    const fresh = await prepare(cluster, path, context.signal);
    try {
      if (status) await askSupervisor(cluster.paths.folder, { op: "stop", unit: controlPlaneUnit });
      await exchange(cluster.paths.store, fresh);
      // The data is from before it.
      forgetUpgrade(cluster.paths);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    if (!status) {
      return say(
        `Cluster ${cluster.name} has the data of ${file}; \`slipway start --name ${cluster.name}\` starts it.\n`,
      );
    }
    await turnUp(cluster, cluster.config, context, { onEvent: createRenderer(context, options) });
    say(`Cluster ${cluster.name} runs with the data of ${file}.\n`);
  });
}

function refuseDataElsewhere(cluster: ExistingCluster, context: CliContext): void {
  const { name, config } = cluster;
  if (isElsewhere(planInput(cluster, config, context))) {
    throw new UserError(`Cannot restore cluster ${name}: its data is not on this machine`, {
      hints: ["What keeps it there restores it: etcd by `etcdutl snapshot restore` on each of its members."],
      exitCode: exitCodes.config,
    });
  }
  if (!config.controlPlane.etcd) return;
  throw new UserError(`Cannot restore cluster ${name}: its data is in etcd`, {
    hints: ["Restore etcd with `etcdutl snapshot restore` on each of its members."],
  });
}

/** The data as a store, beside the cluster's. */
async function prepare({ paths }: ExistingCluster, file: string, signal: AbortSignal): Promise<string> {
  const fresh = `${paths.store}-restored`;
  // Killed between the two renames below, the last time.
  const aside = asideOf(paths.store);
  if (!existsSync(paths.store) && existsSync(aside)) await rename(aside, paths.store);
  await rm(fresh, { recursive: true, force: true });
  await restoreSnapshot(file, fresh, { signal });
  return fresh;
}

/** The data there was goes only when the other is in its place. */
async function exchange(store: string, fresh: string): Promise<void> {
  const aside = asideOf(store);
  await rm(aside, { recursive: true, force: true });
  if (existsSync(store)) await rename(store, aside);
  await rename(fresh, store);
  await rm(aside, { recursive: true, force: true });
}

function asideOf(store: string): string {
  return `${store}-replaced`;
}
