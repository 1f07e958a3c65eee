// Data that slipway does not restore: a cloud's own, and that of distributions whose own tools do.

import { isManagedInfrastructure } from "#config";
import { exitCodes, UserError } from "#shared";
import type { PlanInput } from "#turnup";

const ownTools = {
  kubeadm:
    "On a control plane, in the Pod of etcd: `etcdctl snapshot save`; `etcdutl snapshot restore` on each of them.",
  k3s: "On a server: `k3s etcd-snapshot save`; `k3s server --cluster-reset --cluster-reset-restore-path FILE`.",
} as const;

/** Throws UserError where no API server of ours keeps the data. */
export function refuseUpstreamData({ config, remote }: PlanInput, action: "restore" | "compact" | "defragment"): void {
  const { infrastructure, distribution, name } = config;
  const what = action === "restore" ? `restore cluster ${name}` : `${action} the data of cluster ${name}`;
  if (isManagedInfrastructure(infrastructure)) {
    throw new UserError(`Cannot ${what}: it is the cloud's (provider ${infrastructure.provider})`, {
      exitCode: exitCodes.config,
    });
  }
  if (!remote || distribution.type === "slipway") return;
  throw new UserError(`Cannot ${what}: slipway does not do that for distribution ${distribution.type}`, {
    hints: action === "restore" ? [ownTools[distribution.type]] : [],
    exitCode: exitCodes.config,
  });
}
