// slipway image load

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { isSimulatedCluster } from "#config";
import { exitCodes, UserError } from "#shared";
import { addNameOption, findCluster } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { loadImages } from "../load-images.ts";

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
  if (isSimulatedCluster(cluster.config)) {
    return context.err(`The nodes of cluster ${cluster.name} are simulated: they need no images.\n`);
  }
  for (const image of await loadImages(cluster, archive, context)) context.out(`${image}\n`);
}
