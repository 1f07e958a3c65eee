// Clusters on clouds: what makes their machines can be written, but nothing makes nodes of them yet. Said before anything is done.

import type { ClusterConfig } from "#config";
import { exitCodes, UserError } from "#shared";

/** Providers whose machines phase 2 gets onto. */
const reachable = new Set<string>(["local", "ssh", "nspawn"]);

/** Throws UserError where phase 2 does not exist for the configuration's provider. */
export function refuseCloud({ name, infrastructure: { provider } }: ClusterConfig): void {
  if (reachable.has(provider)) return;
  throw new UserError(
    `Cannot turn up cluster ${name}: with provider ${provider} slipway plans machines, but makes no nodes of them yet`,
    {
      hints: [
        "`slipway plan` shows the machines and what else there would be.",
        "`slipway plan --write FOLDER` writes the files by which OpenTofu makes them: run `tofu init` and `tofu apply` there.",
      ],
      exitCode: exitCodes.config,
    },
  );
}
