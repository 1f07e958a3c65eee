// slipway stop

import type { Command } from "commander";
import { removeRuntimeTraces, stopSupervisor, supervisorStatus } from "#bootstrap";
import { formatDuration, machineSpecs, providerContext, runtimeTraces } from "#turnup";
import { addNameOption, findCluster, planInput, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command).action(({ name }: { name?: string }) => stop(context, name));
}

/** Like switching machines off: processes end, files and addresses stay. */
async function stop(context: CliContext, name?: string): Promise<void> {
  const begin = performance.now();
  const cluster = findCluster(context, name);
  const wasRunning = await withClusterLock(cluster, "stop", async () => {
    const status = await supervisorStatus(cluster.paths.folder);
    const input = planInput(cluster, cluster.config, context);
    await stopSupervisor(cluster.name, cluster.paths.folder);
    const place = providerContext(input, context.signal);
    const machines = machineSpecs(cluster.config, input.names);
    await Promise.all(
      machines.map(async (spec) => {
        await removeRuntimeTraces(runtimeTraces(input, spec));
        await input.provider.deleteMachine(place, spec, { keepDisk: true });
      }),
    );
    return status !== undefined;
  });
  const when = wasRunning ? `after ${formatDuration(performance.now() - begin)}` : "already";
  context.err(
    `Cluster ${cluster.name} is stopped ${when}; \`slipway start --name ${cluster.name}\` starts it again.\n`,
  );
}
