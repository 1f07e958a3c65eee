// Puts saved data in the place of a cluster's that runs on this machine.

import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { askSupervisor, controlPlaneUnit, supervisorStatus } from "#bootstrap";
import { restoreSnapshot } from "#kubernetes/store";
import type { EventListener } from "#turnup";
import type { ExistingCluster } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { turnUp } from "../turn-up.ts";
import { forgetUpgrade } from "../upgrade/upgrade-state.ts";
import { saveSafetySnapshot } from "./save-snapshot.ts";

export interface RestoreTools {
  readonly context: CliContext;
  readonly onEvent: EventListener;
  say(text: string): void;
}

/**
 * Of a cluster that runs, only the control plane and the agents are stopped for it: containers go on, and what the data does not know
 * of is removed by the agents when they are back.
 */
export async function restoreHere(
  cluster: ExistingCluster,
  path: string,
  { context, onEvent, say }: RestoreTools,
): Promise<void> {
  const status = await supervisorStatus(cluster.paths.folder);
  const serves = status?.units.some(({ name, state }) => name === controlPlaneUnit && state.state === "ready");
  if (serves) say(`The data there is now is saved to ${await saveSafetySnapshot(cluster, "restore", { context })}.\n`);
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
      `Cluster ${cluster.name} has the data of ${path}; \`slipway start --name ${cluster.name}\` starts it.\n`,
    );
  }
  await turnUp(cluster, cluster.config, context, { onEvent });
  say(`Cluster ${cluster.name} runs with the data of ${path}.\n`);
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
