// slipway image load

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { chooseSnapshotter, findHostTools, importImages, nodePaths } from "#bootstrap";
import type { MachineSpec } from "#provision";
import { CommandFailedError, exec, exitCodes, UserError } from "#shared";
import { machineSpecs, type PlanInput, providerContext } from "#turnup";
import { addNameOption, findCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("<file>", "an archive of images: an OCI layout, or what docker save writes")
    .action((file: string, { name }: { name?: string }) => imageLoad(context, file, name));
}

async function imageLoad(context: CliContext, file: string, name?: string): Promise<void> {
  const cluster = findCluster(context, name);
  const archive = resolve(context.folder, file);
  if (!existsSync(archive)) {
    throw new UserError(`Cannot load ${file}: there is no such file`, { exitCode: exitCodes.notFound });
  }
  const input = planInput(cluster, cluster.config, context);
  const machines = machineSpecs(cluster.config, input.names);
  if (machines.length === 0)
    return context.err(`The nodes of cluster ${cluster.name} are simulated: they need no images.\n`);
  const loaded = await Promise.all(machines.map((machine) => loadOnto(input, machine, archive, context.signal)));
  for (const image of new Set(loaded.flat())) context.out(`${image}\n`);
}

async function loadOnto(input: PlanInput, spec: MachineSpec, archive: string, signal: AbortSignal): Promise<string[]> {
  const machine = await input.provider.findMachine(providerContext(input, signal), spec);
  const { tools } = findHostTools();
  if (!machine || !tools) {
    throw new UserError(`Cannot load images onto ${spec.name}: it does not run`, {
      hints: [`Start the cluster with \`slipway start --name ${input.config.name}\`.`],
      exitCode: exitCodes.failed,
    });
  }
  const { criSocket } = nodePaths(machine);
  const snapshotter = await chooseSnapshotter(machine.handle["folder"]!, exec);
  try {
    return await importImages(archive, { ctr: tools.ctr, criSocket, snapshotter, exec, signal });
  } catch (cause) {
    if (!(cause instanceof CommandFailedError)) throw cause;
    const reason =
      cause.stderr
        .trim()
        .split("\n")
        .at(-1)
        ?.replace(/^ctr: /, "") || cause.message;
    throw new UserError(`Cannot load ${archive} onto ${spec.name}: ${reason}`, {
      hints: ["It must be an OCI layout in a tar archive, or what docker save writes."],
      cause,
    });
  }
}
