// Certificates of machines that are elsewhere are not this machine's to issue.

import { exitCodes, UserError } from "#shared";
import type { ExistingCluster } from "../cluster.ts";

/** Throws UserError where the cluster's machines have certificates of their own making. */
export function refuseRemote({ name, config }: ExistingCluster): void {
  const { provider } = config.infrastructure;
  if (provider === "local") return;
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
