// Puts saved data in the place of a cluster's whose control planes are on machines elsewhere. What is known of the file's revision is
// changed here first, so that whoever watched the data there was starts anew.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DataRestore } from "#bootstrap";
import { bumpEtcdSnapshot, restoreSnapshot } from "#kubernetes/store";
import { describeError, exitCodes, UserError, writeFileAtomic } from "#shared";
import { machinesInCluster, type RecordedMachine, restoreData } from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import { turnUp } from "../turn-up.ts";
import { forgetUpgrade } from "../upgrade/upgrade-state.ts";
import type { RestoreTools } from "./restore-here.ts";
import { saveSafetySnapshot } from "./save-snapshot.ts";

/** `without` are control planes that are lost. */
export async function restoreElsewhere(
  cluster: ExistingCluster,
  path: string,
  { context, onEvent, say, without }: RestoreTools & { readonly without: readonly string[] },
): Promise<void> {
  const { paths, config, name } = cluster;
  const { signal } = context;
  const input = planInput(cluster, config, context);
  const all = (await machinesInCluster(input)).filter(({ role }) => role === "control-plane");
  const controlPlanes = chooseControlPlanes(name, all, without);
  const token = `${name}-${randomBytes(8).toString("hex")}`;
  const restore = input.remote!.distribution.describeRestore(config, { controlPlanes, token });
  const folder = await mkdtemp(join(paths.folder, "restore-"));
  try {
    const file = await prepareFile(path, folder, { engine: restore.engine, signal });
    await trySafetySnapshot(cluster, { context, say });
    await restoreData(input, {
      restore,
      file,
      controlPlanes,
      signal,
      report: (detail) => say(`${detail}\n`),
      beforeStop: () => writeFileAtomic(paths.restoring, `${JSON.stringify({ file: path })}\n`),
    });
  } catch (error) {
    if (!(error instanceof UserError) || !existsSync(paths.restoring)) throw error;
    const hints = [...error.hints, "Run the same command again: until it ends, the cluster has no data to rely on."];
    throw new UserError(error.message, { hints, exitCode: error.exitCode, cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  // The data is from before it.
  forgetUpgrade(paths);
  await rm(paths.restoring, { force: true });
  await turnUp(cluster, config, context, { onEvent });
  say(`Cluster ${name} runs with the data of ${path}.\n`);
}

function chooseControlPlanes(
  cluster: string,
  all: readonly RecordedMachine[],
  without: readonly string[],
): readonly RecordedMachine[] {
  const unknown = without.find((name) => all.every((machine) => machine.name !== name));
  const chosen = all.filter(({ name }) => !without.includes(name));
  if (unknown === undefined && chosen.length > 0) return chosen;
  const names = all.map(({ name }) => name).join(", ") || "none";
  throw new UserError(
    unknown === undefined
      ? `Cannot restore cluster ${cluster}: no control plane is left that could have the data`
      : `Cannot restore cluster ${cluster} without ${unknown}: it is none of its control planes`,
    { hints: [`There are: ${names}.`], exitCode: exitCodes.notFound },
  );
}

/** What the engine takes, in the folder. Throws a UserError where the file is no data of that engine. */
async function prepareFile(
  path: string,
  folder: string,
  { engine, signal }: { readonly engine: DataRestore["engine"]; readonly signal: AbortSignal },
): Promise<string> {
  if (engine === "etcd") {
    const file = join(folder, "data.snapshot");
    await bumpEtcdSnapshot(path, file, { signal });
    return file;
  }
  const store = join(folder, "store");
  await restoreSnapshot(path, store, { signal });
  // Its name tells the store where it begins.
  const [name] = (await readdir(store)).filter((file) => file.endsWith(".snapshot"));
  return join(store, name!);
}

/** Also where no API server answers any more data may have to be restored, just then. */
async function trySafetySnapshot(
  cluster: ExistingCluster,
  { context, say }: Pick<RestoreTools, "context" | "say">,
): Promise<void> {
  try {
    say(`The data there is now is saved to ${await saveSafetySnapshot(cluster, "restore", { context })}.\n`);
  } catch (error) {
    say(`The data there is now could not be saved: ${describeError(error)}\n`);
  }
}
