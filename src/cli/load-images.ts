// Brings an archive of images onto every node of a cluster.

import { chooseSnapshotter, findHostTools, importImages, nodePaths } from "#bootstrap";
import type { MachineSpec } from "#provision";
import { CommandFailedError, exec, exitCodes, UserError } from "#shared";
import { type PlanInput, providerContext, wantedMachines } from "#turnup";
import { type ExistingCluster, planInput } from "./cluster.ts";
import type { CliContext } from "./context.ts";
import { loadImagesRemotely } from "./remote/load-images-remotely.ts";

/** The names of the images; none where there are no machines to load them onto. */
export async function loadImages(cluster: ExistingCluster, archive: string, context: CliContext): Promise<string[]> {
  const input = planInput(cluster, cluster.config, context);
  const { remote } = input;
  const { signal } = context;
  const load = (spec: MachineSpec) =>
    remote ? loadImagesRemotely(input, remote, { spec, archive, signal }) : loadOnto(input, spec, archive, signal);
  const loaded = await Promise.all(wantedMachines(input).map(load));
  return [...new Set(loaded.flat())];
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
