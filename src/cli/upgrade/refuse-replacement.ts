// What stands in the way of new machines in the place of old ones.

import { checkConfig, formatPath } from "#config";
import { exitCodes, UserError } from "#shared";
import type { UpgradeHop } from "#turnup";
import { type ExistingCluster, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";
import { poolOf } from "../node/pools.ts";

/** New machines must be ours to make, and there must be room for them. */
export function refuseReplacement(
  cluster: ExistingCluster,
  hops: readonly UpgradeHop[],
  { context, surge }: { readonly context: CliContext; readonly surge: number },
): void {
  const { config, name } = cluster;
  const refuse = (why: string, hints: readonly string[]) =>
    new UserError(`Cannot replace machines of cluster ${name}: ${why}`, { hints, exitCode: exitCodes.config });
  const batches = hops.at(-1)!.replacements;
  if (batches.length === 0)
    throw refuse("it has no workers", ["Control planes are upgraded where they are: leave --replace out."]);
  if (planInput(cluster, config, context).remote?.machines) {
    throw refuse("they were given, and are not slipway's to make", [
      "Upgrade them where they are: leave --replace out.",
    ]);
  }
  if (surge === 0) return;
  // Hosts are there or not: the configuration tells.
  for (const batch of batches) {
    const extra = (pool: string) => batch.filter(({ old }) => poolOf(config, old)?.name === pool).length;
    const workers = config.workers.map((pool) => ({ ...pool, count: pool.count + extra(pool.name) }));
    const checked = checkConfig({ ...config, workers });
    if (checked.config) continue;
    const reasons = checked.problems.map(({ path, message }) => `${formatPath(path)} ${message}`);
    throw refuse("there is no room for new ones beside the old", [
      ...reasons,
      "Give --surge 0: the old ones go first.",
    ]);
  }
}
