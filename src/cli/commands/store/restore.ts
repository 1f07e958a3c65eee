// slipway store restore

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { addNameOption, type ExistingCluster, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { refuseUpstreamData } from "../../store/refuse-data.ts";
import { restoreElsewhere } from "../../store/restore-elsewhere.ts";
import { restoreHere } from "../../store/restore-here.ts";

interface RestoreOptions extends ProgressOptions {
  readonly name?: string;
  readonly without?: readonly string[];
}

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("<file>", "what `store snapshot`, or the schedule of controlPlane.snapshots, has saved")
    .option(
      "--without <machine...>",
      "control planes that are lost: the others go on without them (machines elsewhere)",
    )
    .action((file: string, options: RestoreOptions) => restore(context, file, options));
}

async function restore(context: CliContext, file: string, options: RestoreOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const path = resolve(context.folder, file);
  if (!existsSync(path)) {
    throw new UserError(`Cannot restore ${file}: there is no such file`, { exitCode: exitCodes.notFound });
  }
  refuseEtcdElsewhere(cluster);
  const input = planInput(cluster, cluster.config, context);
  refuseUpstreamData(input, "restore");
  const { without = [] } = options;
  if (!input.remote && without.length > 0) {
    throw new UserError(
      `Cannot restore ${cluster.name} without ${without.join(", ")}: it has one control plane, here`,
      {
        exitCode: exitCodes.usage,
      },
    );
  }
  const tools = { context, onEvent: createRenderer(context, options), say: sayer(context, options) };
  await withClusterLock(cluster, "store restore", () =>
    input.remote ? restoreElsewhere(cluster, path, { ...tools, without }) : restoreHere(cluster, path, tools),
  );
}

function refuseEtcdElsewhere({ name, config }: ExistingCluster): void {
  if (!config.controlPlane.etcd) return;
  throw new UserError(`Cannot restore cluster ${name}: its data is in etcd`, {
    hints: ["Restore etcd with `etcdutl snapshot restore` on each of its members."],
  });
}
