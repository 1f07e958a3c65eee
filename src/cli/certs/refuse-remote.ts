// Certificates of machines that are elsewhere are not this machine's to issue.

import { exitCodes, UserError } from "#shared";
import { type ExistingCluster, isElsewhere, planInput } from "../cluster.ts";
import type { CliContext } from "../context.ts";

/** Throws UserError where the cluster's machines have certificates of their own making. */
export function refuseRemote(cluster: ExistingCluster, context: CliContext): void {
  const { name, config } = cluster;
  const { provider } = config.infrastructure;
  if (!isElsewhere(planInput(cluster, config, context))) return;
  throw new UserError(
    `Cannot issue certificates of cluster ${name}: its machines (provider ${provider}) sign their own`,
    {
      hints:
        config.distribution.type === "slipway"
          ? ["They sign them anew by themselves, when they start, as soon as a month is left."]
          : ["On each control plane: `kubeadm certs renew all`, or a restart of k3s."],
      exitCode: exitCodes.config,
    },
  );
}
