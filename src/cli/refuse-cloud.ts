// Clusters on clouds: their machines can be made, but nothing makes nodes of them yet. Said before anything is done.

import type { ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";

/** Throws UserError where phase 2 does not exist for the configuration's provider. */
export function refuseCloud({ name, infrastructure: { provider } }: ClusterConfig): void {
  if (provider === "local") return;
  throw new UserError(
    `Cannot turn up cluster ${name}: with provider ${provider} slipway makes machines, but no nodes of them yet`,
    {
      hints: [
        "`slipway plan` prints what would be made.",
        "`slipway provision` makes the network, the load balancer and the machines; `slipway down` takes them away.",
      ],
      exitCode: exitCodes.config,
    },
  );
}
