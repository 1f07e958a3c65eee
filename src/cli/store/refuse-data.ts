// Data that slipway does not look after: a cloud's own. And work on data that only its own API server does.

import { isManagedInfrastructure } from "#config";
import { exitCodes, UserError } from "#shared";
import type { PlanInput } from "#turnup";

/** Throws UserError where it is not done: of all distributions data is restored, and that of slipway is compacted and defragmented. */
export function refuseUpstreamData({ config, remote }: PlanInput, action: "restore" | "compact" | "defragment"): void {
  const { infrastructure, distribution, name } = config;
  const what = action === "restore" ? `restore cluster ${name}` : `${action} the data of cluster ${name}`;
  if (isManagedInfrastructure(infrastructure)) {
    throw new UserError(`Cannot ${what}: it is the cloud's (provider ${infrastructure.provider})`, {
      exitCode: exitCodes.config,
    });
  }
  if (!remote || distribution.type === "slipway" || action === "restore") return;
  throw new UserError(`Cannot ${what}: slipway does not do that for distribution ${distribution.type}`, {
    exitCode: exitCodes.config,
  });
}
