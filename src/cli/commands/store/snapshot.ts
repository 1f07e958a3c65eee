// slipway store snapshot

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { addNameOption, findCluster } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { saveSnapshot } from "../../store/save-snapshot.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("<file>", "where the data goes; it must not be there yet")
    .action((file: string, { name }: { name?: string }) => snapshot(context, file, name));
}

async function snapshot(context: CliContext, file: string, name?: string): Promise<void> {
  const cluster = findCluster(context, name);
  const path = resolve(context.folder, file);
  if (existsSync(path)) {
    throw new UserError(`Cannot save to ${file}: it is there already`, {
      hints: ["Choose another name, or move it away."],
      exitCode: exitCodes.conflict,
    });
  }
  if (!existsSync(dirname(path))) {
    throw new UserError(`Cannot save to ${file}: there is no folder ${dirname(path)}`, {
      exitCode: exitCodes.notFound,
    });
  }
  await saveSnapshot(cluster, path, { context });
  context.err(`Cluster ${cluster.name} is saved to ${file}.\n`);
}
