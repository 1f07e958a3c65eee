// slipway stop

import type { Command } from "commander";
import { removeRuntimeTraces, stopSupervisor } from "#bootstrap";
import { isCloudInfrastructure } from "#config";
import { exitCodes, UserError } from "#shared";
import { formatDuration, machineSpecs, type PlanInput, providerContext, runtimeTraces } from "#turnup";
import { addNameOption, findCluster, planInput, withClusterLock } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { runsHere } from "../runs-here.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command).action(({ name }: { name?: string }) => stop(context, name));
}

/** Like switching machines off: processes end, files and addresses stay. */
async function stop(context: CliContext, name?: string): Promise<void> {
  const begin = performance.now();
  const cluster = findCluster(context, name);
  const input = planInput(cluster, cluster.config, context);
  refuseOthersMachines(input);
  const wasRunning = await withClusterLock(cluster, "stop", async () => {
    const ran = await runsHere(cluster, context);
    await stopSupervisor(cluster.name, cluster.paths.folder);
    const place = providerContext(input, context.signal);
    const machines = machineSpecs(cluster.config, input.names);
    await Promise.all(
      machines.map(async (spec) => {
        await removeRuntimeTraces(runtimeTraces(input, spec));
        await input.provider.deleteMachine(place, spec, { keepDisk: true });
      }),
    );
    return ran;
  });
  const when = wasRunning ? `after ${formatDuration(performance.now() - begin)}` : "already";
  context.err(
    `Cluster ${cluster.name} is stopped ${when}; \`slipway start --name ${cluster.name}\` starts it again.\n`,
  );
}

/** Only machines that slipway has made, and can start again, are its own to switch off. */
function refuseOthersMachines({ config, remote }: PlanInput): void {
  const stays = remote?.machines !== undefined || config.infrastructure.provider === "ssh";
  if (!stays && !isCloudInfrastructure(config.infrastructure)) return;
  throw new UserError(
    stays
      ? `Cannot stop cluster ${config.name}: its machines were there before it, and are not slipway's to switch off`
      : `Cannot stop cluster ${config.name}: its machines on ${config.infrastructure.provider} would go on costing, and lose their addresses`,
    { hints: [`\`slipway down --name ${config.name}\` takes the cluster away.`], exitCode: exitCodes.usage },
  );
}
