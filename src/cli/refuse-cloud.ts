// Clusters on clouds: phase 2 gets onto machines by SSH. Where a cloud's configuration lets nobody in, that is said before anything is
// done.

import { type ClusterConfig, isCloudInfrastructure, isManagedInfrastructure } from "#config";
import { exitCodes, UserError } from "#shared";

/** Throws UserError where nobody would get onto the machines to make nodes of them. */
export function refuseCloud({ name, infrastructure }: ClusterConfig): void {
  if (!isCloudInfrastructure(infrastructure) || isManagedInfrastructure(infrastructure)) return;
  const { provider, access, sshPublicKey } = infrastructure;
  if (sshPublicKey !== undefined && access.ssh.length > 0) return;
  throw new UserError(
    `Cannot turn up cluster ${name}: nobody would get onto its machines on ${provider} to make nodes of them`,
    {
      hints: [
        "Name your public key in infrastructure.sshPublicKey, and from where you come in infrastructure.access.ssh, such as 203.0.113.7/32.",
        "`slipway plan` shows the machines and what else there would be.",
        "`slipway plan --write FOLDER` writes the files by which OpenTofu makes them: run `tofu init` and `tofu apply` there.",
      ],
      exitCode: exitCodes.config,
    },
  );
}
