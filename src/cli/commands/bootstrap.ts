// slipway bootstrap

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type ArtifactSource, ensureClientPki } from "#bootstrap";
import type { ClusterConfig } from "#config";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import {
  describeMachines,
  machinesFile,
  parseMachines,
  prepareHome,
  readClusterConfig,
  readMachines,
  removeEmptyHome,
  writeClusterConfig,
  writeMachines,
} from "#turnup";
import { describeSize } from "../bundle/describe-bundle.ts";
import { useBundle, withUnpacked } from "../bundle/use-bundle.ts";
import { addNameOption, findCluster, type NamedCluster, nameCluster, planInput, withClusterLock } from "../cluster.ts";
import { addConfigOptions, type ConfigOptions, decideConfig, refuseChanges } from "../cluster-options.ts";
import type { CliContext } from "../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions } from "../progress.ts";
import { findRemoteMeans, givenMark } from "../remote/remote-means.ts";
import { runPhase } from "../remote/run-phase.ts";
import { writeArtifacts } from "../remote/write-artifacts.ts";
import { refuseForeignFolder, writeMachineFiles } from "../remote/write-machine-files.ts";
import { formatTable } from "../text/table.ts";

interface BootstrapOptions extends ConfigOptions, ProgressOptions {
  readonly machines?: string;
  readonly artifacts?: string;
  readonly bundle?: string;
  readonly write?: string;
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addConfigOptions(addNameOption(command)))
    .option("--machines <file>", "machines that are there already, as machines.json in a cluster's folder has them")
    .option(
      "--write <folder>",
      "do nothing but write the machines into a folder, as cloud-init, Ignition and scripts, for who makes them otherwise",
    )
    .option("--artifacts <folder>", "do nothing but write what machines that set themselves up fetch, for a web server")
    .option("--bundle <file>", "take programs, packages and images from this file, and nothing from the network")
    .action((options: BootstrapOptions) => bootstrap(context, options));
}

/** Phase 2 alone: on the machines phase 1 has made, or on those that are given. */
async function bootstrap(context: CliContext, options: BootstrapOptions): Promise<void> {
  if (options.artifacts !== undefined) return writeFolder(context, { ...options, artifacts: options.artifacts });
  if (options.write !== undefined) return writeDescribed(context, { ...options, write: options.write });
  const onEvent = createRenderer(context, options);
  if (options.machines === undefined) {
    refuseUselessFlags(options);
    const cluster = findCluster(context, options.name);
    return withClusterLock(cluster, "bootstrap", () => runPhase(cluster, "bootstrap", { context, onEvent }));
  }
  const { config } = await decideConfig(context, options);
  const cluster = nameCluster(context, config.name);
  refuseMadeMachines(cluster);
  refuseChanges(context, config);
  prepareHome(cluster.home);
  try {
    await withClusterLock(cluster, "bootstrap", async () => {
      await takeBundle(cluster, config, options, context);
      await takeMachines(cluster, config, resolve(context.folder, options.machines!));
      await runPhase({ ...cluster, config }, "bootstrap", { context, onEvent });
    });
  } finally {
    removeEmptyHome(cluster.home);
  }
}

/** The authorities are made where they are not there yet, and kept: by them the cluster is known when its machines are there. */
async function writeDescribed(context: CliContext, options: BootstrapOptions & { write: string }): Promise<void> {
  const { config } = await decideConfig(context, options);
  const cluster = nameCluster(context, config.name);
  const folder = resolve(context.folder, options.write);
  if (!planInput(cluster, config, context).remote) {
    throw new UserError(
      `Cannot write the machines of ${config.name}: with provider ${config.infrastructure.provider} nobody makes them by hand`,
      {
        exitCode: exitCodes.config,
      },
    );
  }
  if (options.machines !== undefined) refuseMadeMachines(cluster);
  refuseChanges(context, config);
  await refuseForeignFolder(folder, cluster.name);
  prepareHome(cluster.home);
  try {
    await withClusterLock(cluster, "bootstrap", async () => {
      await takeBundle(cluster, config, options, context);
      if (options.machines !== undefined)
        await takeMachines(cluster, config, resolve(context.folder, options.machines));
      await ensureClientPki(cluster.paths.pki);
      const input = planInput(cluster, config, context);
      const { distribution } = findRemoteMeans(config, cluster.paths)!;
      const described = await describeMachines(input, context.signal);
      await writeMachineFiles(folder, {
        ...described,
        cluster: cluster.name,
        distribution: distribution.name,
        joinsByBootstrapToken: distribution.joinsByBootstrapToken === true,
      });
    });
  } finally {
    removeEmptyHome(cluster.home);
  }
  context.err(
    `slipway: the machines lie in ${folder}, with the cluster's keys; README.md there tells what to do with them\n`,
  );
}

async function writeFolder(context: CliContext, options: BootstrapOptions & { artifacts: string }): Promise<void> {
  const { config } = await decideConfig(context, options);
  const folder = resolve(context.folder, options.artifacts);
  const cluster = nameCluster(context, config.name);
  const input = planInput(cluster, config, context);
  const write = (artifacts: ArtifactSource) => writeArtifacts({ ...input, artifacts }, folder, context.signal);
  const written =
    options.bundle === undefined
      ? await write(input.artifacts)
      : await withUnpacked(cluster, { file: options.bundle, config }, context, write);
  context.out(
    formatTable(
      ["ARTIFACT", "SIZE"],
      written.map(({ name, bytes }) => [name, describeSize(bytes)]),
    ),
  );
  const { artifacts: url } = config.bootstrap;
  const place = url === undefined ? "Name its URL in bootstrap.artifacts." : `Machines look for them below ${url}/.`;
  context.err(`slipway: they lie in ${folder}, for a web server. ${place}\n`);
}

async function takeBundle(
  cluster: NamedCluster,
  config: ClusterConfig,
  { bundle: file }: BootstrapOptions,
  context: CliContext,
): Promise<void> {
  if (file !== undefined) await useBundle(cluster, { file, configs: [config] }, context);
}

/** Without machines that are given, the cluster is as it was provisioned: what these say would count for nothing. */
function refuseUselessFlags({ bundle, config, workers, simulated, controllers, scheduler }: BootstrapOptions): void {
  const flags = {
    "--bundle": bundle !== undefined,
    "--config": config !== undefined,
    "--workers": workers !== undefined,
    "--simulated": simulated === true,
    "--controllers": controllers !== undefined,
    "--no-scheduler": !scheduler,
  };
  const given = Object.entries(flags).flatMap(([flag, isGiven]) => (isGiven ? [flag] : []));
  if (given.length === 0) return;
  throw new UserError(
    `Cannot use ${given.join(", ")} without --machines: the cluster's configuration is there already`,
    {
      hints: ["`slipway provision --config FILE` or `slipway up --config FILE` gives it another one."],
      exitCode: exitCodes.usage,
    },
  );
}

/** Machines that phase 1 has made would be forgotten, and never taken away. */
function refuseMadeMachines({ paths, name }: NamedCluster): void {
  if (!readClusterConfig(paths) || existsSync(givenMark(paths))) return;
  throw new UserError(`Cannot give cluster ${name} machines: it has some that slipway made`, {
    hints: ["Choose another name with --name.", `Or take it away first: slipway down --name ${name}`],
    exitCode: exitCodes.conflict,
  });
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
  const before = await readMachines(known);
  const dutyOf = (name: string) => before.find((machine) => machine.name === name)?.duty;
  await writeMachines(
    known,
    machines.map(({ duty: _, ...machine }) => {
      const duty = dutyOf(machine.name);
      return { ...machine, ...(duty !== undefined && { duty }) };
    }),
  );
  // Last of all the configuration: a cluster that has one, and no mark, is taken for one whose machines were made.
  await writeFileAtomic(givenMark(paths), "");
  await writeClusterConfig(paths, config);
}
