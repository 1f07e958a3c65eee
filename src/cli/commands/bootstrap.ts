// slipway bootstrap

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { ClusterConfig } from "#config";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import { machinesFile, parseMachines, prepareHome, removeEmptyHome, writeClusterConfig, writeMachines } from "#turnup";
import { addNameOption, findCluster, type NamedCluster, nameCluster, withClusterLock } from "../cluster.ts";
import { addConfigOptions, type ConfigOptions, decideConfig, refuseChanges } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions } from "../progress.ts";
import { givenMark } from "../remote/remote-means.ts";
import { runPhase } from "../remote/run-phase.ts";

interface BootstrapOptions extends ConfigOptions, ProgressOptions {
  readonly machines?: string;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addConfigOptions(addNameOption(command)))
    .option("--machines <file>", "machines that are there already, as machines.json in a cluster's folder has them")
    .action((options: BootstrapOptions) => bootstrap(context, options));
}

/** Phase 2 alone: on the machines phase 1 has made, or on those that are given. */
async function bootstrap(context: CliContext, options: BootstrapOptions): Promise<void> {
  const onEvent = createRenderer(context, options);
  if (options.machines === undefined) {
    const cluster = findCluster(context, options.name);
    return withClusterLock(cluster, "bootstrap", () => runPhase(cluster, "bootstrap", { context, onEvent }));
  }
  const { config } = await decideConfig(context, options);
  const cluster = nameCluster(context, config.name);
  refuseChanges(context, config);
  prepareHome(cluster.home);
  try {
    await withClusterLock(cluster, "bootstrap", async () => {
      await takeMachines(cluster, config, resolve(context.folder, options.machines!));
      await runPhase({ ...cluster, config }, "bootstrap", { context, onEvent });
    });
  } finally {
    removeEmptyHome(cluster.home);
  }
}

/** Writes them down in the cluster's folder, with what earlier runs have noted of each. */
async function takeMachines({ paths }: NamedCluster, config: ClusterConfig, file: string): Promise<void> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UserError(`Cannot read ${file}: ${(cause as Error).message}`, { exitCode: exitCodes.notFound, cause });
  }
  const machines = parseMachines(text, file);
  const controlPlanes = machines.filter(({ role }) => role === "control-plane").length;
  if (controlPlanes !== config.controlPlane.replicas) {
    throw new UserError(
      `Cannot use ${file}: it has ${controlPlanes} control planes, and controlPlane.replicas is ${config.controlPlane.replicas}`,
      { exitCode: exitCodes.config },
    );
  }
  const known = machinesFile(paths.folder);
  const before = parseMachines(readOr(known, "[]"), known);
  const dutyOf = (name: string) => before.find((machine) => machine.name === name)?.duty;
  await writeClusterConfig(paths, config);
  await writeMachines(
    known,
    machines.map(({ duty: _, ...machine }) => {
      const duty = dutyOf(machine.name);
      return { ...machine, ...(duty !== undefined && { duty }) };
    }),
  );
  await writeFileAtomic(givenMark(paths), "");
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
